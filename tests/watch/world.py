"""What is watched: somebody signs in and out, and a server that does what is owed when a test says so."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import ShownBrowser
from webapp.accounts.model import Account
from webapp.accounts.tables import account
from webapp.deeds import snapshot_of
from webapp.history import Event
from webapp.outbox import Entry
from webapp.outbox.attempts import Attempts
from webapp.outbox.tables import outbox
from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot, Cause, Started
from webapp.shielding import settle
from webapp.watch.arrivals import Visit
from webapp.watch.entries import FAILED, WATCH
from webapp.watch.sessions import MISSED
from webapp.wiring import Services

PASSWORD = "violet tractor under 9 moons"
FIREFOX, SAFARI = Device("Firefox on Windows", "computer"), Device("Safari on iPhone", "phone")
ADDRESS, NETWORK = "203.0.113.7", "203.0.113.0/24"
KNOWN, OTHER = (ShownBrowser(name * 16, "s" * 43, "s" * 43) for name in "ko")
BY_ADA = Cause("elsewhere", "Safari on iPhone")
VISIT = Visit("password", FIREFOX, ADDRESS, "Berlin, Germany", browser=KNOWN)
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class World:
    """The services, and Ada's account."""

    services: Services
    ada: Account

    @classmethod
    async def open(cls, services: Services) -> "World":
        """Register Ada, whose address is proven."""
        ada = await services.accounts.register("ada@example.test", "Ada Lovelace", PASSWORD)
        async with services.history._engine.begin() as db:
            await db.execute(update(account).where(account.c.id == ada.id).values(confirmed=datetime.now(UTC)))
        proven = await services.accounts.find(ada.id)
        assert proven is not None
        return cls(services, proven)

    @property
    def engine(self) -> AsyncEngine:
        """The database, past the services."""
        return self.services.history._engine

    @property
    def handlers(self) -> Mapping[str, Callable[..., object]]:
        """Who does what the watch owes."""
        return {WATCH: self.services.watch.look, FAILED: self.services.failures.tell}

    async def sign_in(self, visit: Visit = VISIT) -> Started:
        """Sign Ada in, and let all that nobody waits for come to its end."""
        started = await self.services.arrivals.sign_in(self.snapshot, visit)
        await settle()
        return started

    async def watched_sign_in(self, visit: Visit = VISIT) -> Started:
        """Sign Ada in, and have the server write it down."""
        started = await self.sign_in(visit)
        await self.work()
        return started

    async def end(self, started: Started, cause: Cause = BY_ADA) -> None:
        """End a session, and let all that nobody waits for come to its end."""
        assert await self.services.sessions.end(self.ada.id, started.session.id, cause)
        await settle()

    async def work(self) -> int:
        """Do as a server does: all that is due of the watch, once; says how much that was."""
        entries = await self.claim()
        await self.do(*entries)
        return len(entries)

    @property
    def snapshot(self) -> AccountSnapshot:
        """What sessions need of Ada's account."""
        return snapshot_of(self.ada)

    async def settle_and_work(self) -> None:
        """Let all that nobody waits for come to its end, and do what is due."""
        await settle()
        await self.work()

    async def claim_ahead(self) -> list[Entry]:
        """Take all of the watch, due or not."""
        async with self.engine.begin() as db:
            await self.services.outbox.hasten(db, [entry.id for entry in await self.entries()])
        return await self.claim()

    async def put_back(self, entry: Entry, body: Mapping[str, str]) -> None:
        """Give an entry back with another body, due now."""
        assert await self.services.outbox.postpone(replace(entry, body=body), entry.created)

    async def claim(self) -> list[Entry]:
        """Take all that is due of the watch, as a server does."""
        return await self.services.outbox.claim([WATCH, FAILED], 100, LEASE)

    async def do(self, *entries: Entry) -> None:
        """Make an attempt at each."""
        attempts = Attempts(self.services.outbox, self.handlers)  # type: ignore[arg-type]  # Its own.
        ends = asyncio.get_running_loop().time() + LEASE.total_seconds()
        for entry in entries:
            await attempts.make(entry, ends)

    async def entries(self, kind: str = WATCH) -> list[Entry]:
        """Give what waits of a kind."""
        return [entry for entry in await self.services.outbox.about(self.ada.id) if entry.kind == kind]

    async def waiting(self) -> int:
        """Count what waits of failed tries."""
        async with self.engine.connect() as db:
            return len((await db.execute(select(outbox.c.id).where(outbox.c.kind == FAILED))).all())

    async def letters(self) -> list[str]:
        """Name the mails that wait, but for the one of the registration."""
        named = [entry.body["letter"] for entry in await self.entries("mail")]
        return [letter for letter in named if letter != "confirm-email"]

    async def events(self, kind: str = "") -> list[Event]:
        """Give the history, the oldest first."""
        return [event for event in await self.services.history.of(self.ada.id) if kind in {"", event.kind}]

    async def kinds(self) -> list[str]:
        """Name what happened, the oldest first."""
        return [event.kind for event in await self.events()]

    async def reasons(self) -> list[str]:
        """Give why sessions ended."""
        return sorted(event.details["reason"] for event in await self.events("ended"))

    async def time_passes(self, entry_id: str, seconds: float) -> None:
        """Have an entry be older, and looked at and due by so much earlier."""
        past = timedelta(seconds=seconds)
        async with self.engine.begin() as db:
            itself = outbox.c.id == entry_id
            row = (await db.execute(select(outbox).where(itself))).one()
            body = json.loads(row.body)
            if MISSED in body:
                body[MISSED] = str(int(body[MISSED]) - int(seconds))
            moved = {"created": row.created - past, "due": row.due - past, "body": json.dumps(body)}
            await db.execute(update(outbox).where(itself).values(moved))


def on(
    device: Device = FIREFOX, *, browser: ShownBrowser | None = KNOWN, address: str = ADDRESS, method: str = "password"
) -> Visit:
    """Come in on another device."""
    return replace(VISIT, device=device, browser=browser, address=address, method=method)
