"""People with five devices each, signed in by the services that the server itself uses, from beside the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from argon2.profiles import CHEAPEST

from webapp.accounts.passwords import PasswordHasher
from webapp.deeds import snapshot_of
from webapp.factory import create_app
from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot, Cause
from webapp.settings import Settings
from webapp.wiring import Services, connect_services

DEVICES = (
    Device("Firefox on Windows", "computer"),
    Device("Safari on iPhone", "phone"),
    Device("Chrome on Android", "phone"),
    Device("Edge on Windows", "computer"),
    Device("Safari on iPad", "tablet"),
)
PASSWORD = "seven purple lanterns"
# What the other device is said to have done.
BY_THE_OTHER = Cause("elsewhere", DEVICES[1].label)
ADDRESS = "203.0.113.7"
# People who are let in at the same time; each takes a connection to the database for a moment.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A device that is signed in: its session, and the cookie that its browser keeps, as ``name=value``."""

    account_id: str
    session_id: str
    cookie: str


class People:
    """Lets people in, and ends sessions of theirs."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        # What else follows an end is work of this process, which has the clients to listen to.
        services.sessions.listeners.clear()
        # It is never served: it only signs cookies.
        self._app = create_app(settings, PasswordHasher(CHEAPEST))
        [self._identity] = self._app.extensions["QUART_AUTH"]
        self._count = 0

    async def let_in(self, devices: int) -> list[Member]:
        """Open accounts, and sign so many devices in, five of each account."""
        turn = asyncio.Semaphore(AT_ONCE)
        pairs = await asyncio.gather(*(self._arrive(turn) for _ in range(0, devices, len(DEVICES))))
        return [member for pair in pairs for member in pair][:devices]

    async def end(self, member: Member) -> None:
        """End a session, as the owner does from elsewhere."""
        ended = await self._services.sessions.end(member.account_id, member.session_id, BY_THE_OTHER)
        assert ended, "It was over before."

    async def _arrive(self, turn: asyncio.Semaphore) -> list[Member]:
        self._count += 1
        email = f"ada.{self._count}@example.test"
        async with turn:
            account = await self._services.accounts.register(email, "Ada Lovelace", PASSWORD)
            return [await self._sign_in(snapshot_of(account), device) for device in DEVICES]

    async def _sign_in(self, account: AccountSnapshot, device: Device) -> Member:
        sessions = self._services.sessions
        started = await sessions.start(account, remember=True, method="password", device=device, address=ADDRESS)
        cookie = self._identity.dump_token(started.token, app=self._app)
        return Member(account.id, started.session.id, f"{self._identity.cookie_name}={cookie}")


@asynccontextmanager
async def people_of(settings: Settings) -> AsyncIterator[People]:
    """Open what the server with these settings stands on, beside it."""
    # Nobody waits for hashes here; nobody will sign in with these passwords either.
    async with connect_services(settings, PasswordHasher(CHEAPEST)) as services:
        # As a server does, where it has not begun yet: of the version before there is none.
        await services.sessions.load_scripts()
        yield People(services, settings)
