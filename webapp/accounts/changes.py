"""Changes of an account, and what goes with them, in one transaction: all of it stands afterwards, or nothing does.

Every change takes the account's row first. So two of them that come at once wait for each other, and each finds what
the one before it has left. Two accounts that take each other's email at once are the one way into a deadlock, which
PostgreSQL ends by refusing one of them: that one has come second.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Executable, Text, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from webapp.database import answering
from webapp.errors import EmailTaken
from webapp.history import Event, History
from webapp.outbox import Entry, Outbox

from .browsers import Browsers, ShownBrowser
from .links import Link, Purpose
from .model import Account, Credentials
from .rows import credential_columns, credentials_of, email_taken, link_columns
from .tables import account as accounts
from .tables import link as links

# A write that changes nothing: it locks the row on PostgreSQL and the file on SQLite, where a look would lock nothing,
# and reads what stands there from then on. Built once (see store.py).
LOCKED = accounts.c.id == bindparam("wanted", type_=Text)
LOCK = update(accounts).where(LOCKED).values(name=accounts.c.name).returning(accounts)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to one account. ``values`` and ``expects`` are columns of its row and what stands in them.

    ``uses`` is a link that opens this change, once; ``kills`` are purposes whose links open nothing afterwards, and of
    those that lead back to an earlier address the ones that were made at ``kills_back_since`` or later do not either.
    ``new_links`` take the place of older ones of their purpose, unless these lead back to an earlier address.
    ``cancels`` are kinds of entries that are not wanted any more, ``entries`` what this change owes, ``pays`` the entry
    that asked for it, and ``events`` are what the history tells of it. ``forgets_browsers`` leaves the account no known
    browser but ``knows``, on which this was done.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    expects: Mapping[str, object] = field(default_factory=dict)
    uses: Link | None = None
    kills: Collection[Purpose] = ()
    kills_back_since: datetime | None = None
    new_links: Sequence[Link] = ()
    cancels: Collection[str] = ()
    entries: Sequence[Entry] = ()
    pays: Entry | None = None
    events: Sequence[Event] = ()
    forgets_browsers: bool = False
    knows: ShownBrowser | None = None


class AccountChanges:
    """Applies changes."""

    def __init__(self, engine: AsyncEngine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox
        self._history = History(engine)
        self._browsers = Browsers(engine)

    @answering
    async def open(self, credentials: Credentials, change: Change) -> None:
        """Write a new account, and what goes with it; raises EmailTaken, also when two come at the same moment."""
        async with self._engine.begin() as db:
            await _translated(db, insert(accounts).values(credential_columns(credentials)))
            await _refuse_reserved(db, credentials.account.id, credentials.email_key)
            await self._complete(db, credentials.account.id, change)
        self._outbox.wake()

    @answering
    async def apply(self, account_id: str, change: Change) -> Account | None:
        """Do ``change`` and give the account as it is then; None, and nothing is done, where that is not possible.

        That is where the account is gone, something in it is not as expected, its link is dead or its entry paid.
        Raises EmailTaken where it would give it an email that is another's.
        """
        async with self._engine.begin() as db:
            changed = await self.within(db, account_id, change)
            if changed is None:
                await db.rollback()
                return None
        self._outbox.wake()
        return changed

    async def within(self, db: AsyncConnection, account_id: str, change: Change) -> Account | None:
        """Do the same in the caller's transaction, which is to be rolled back for None; the caller wakes the outbox."""
        if not await self._begin(db, account_id, change):
            return None
        changed = await self._write(db, account_id, change)
        await self._complete(db, account_id, change)
        return changed

    @answering
    async def erase(self, account_id: str, before: datetime | None, entries: Sequence[Entry]) -> bool:
        """Delete an account with all that is its own; False when it is gone, or to be erased only after ``before``."""
        async with self._engine.begin() as db:
            found = await lock(db, account_id)
            if found is None or not _is_due(found.account, before):
                await db.rollback()
                return False
            # Its links and entries go with it (ON DELETE CASCADE).
            await db.execute(delete(accounts).where(accounts.c.id == account_id))
            await self._outbox.put(db, entries)
        self._outbox.wake()
        return True

    async def sessions_of(self, account_id: str) -> set[str]:
        """Give the ids of all sessions of which something stands here; some may be ids of something else."""
        waiting = await self._outbox.about(account_id)
        return {*await self._history.sessions_of(account_id), *(entry.id for entry in waiting)}

    async def _begin(self, db: AsyncConnection, account_id: str, change: Change) -> bool:
        found = await lock(db, account_id)
        if found is None or not _is_as_expected(found, change.expects):
            return False
        if change.uses and not await _use(db, change.uses):
            return False
        return change.pays is None or await self._outbox.remove(db, change.pays.id)

    async def _write(self, db: AsyncConnection, account_id: str, change: Change) -> Account:
        values = {**change.values} or {"name": accounts.c.name}
        changing = update(accounts).where(accounts.c.id == account_id).values(values).returning(accounts)
        row = (await _translated(db, changing)).one()
        if "email_key" in change.values:
            await _refuse_reserved(db, account_id, row.email_key)
        return credentials_of(row).account

    async def _complete(self, db: AsyncConnection, account_id: str, change: Change) -> None:
        dead = {*change.kills, *(link.purpose for link in change.new_links if link.purpose != "restore")}
        own = links.c.account_id == account_id
        if dead:
            await db.execute(delete(links).where(own, links.c.purpose.in_(dead)))
        if since := change.kills_back_since:
            await db.execute(delete(links).where(own, links.c.purpose == "restore", links.c.created >= since))
        for link in change.new_links:
            created = await _after_earlier_ways_back(db, link) if link.purpose == "restore" else link.created
            await db.execute(insert(links).values({**link_columns(link), "created": created}))
        for kind in change.cancels:
            await self._outbox.cancel(db, account_id, kind)
        if change.forgets_browsers:
            await self._browsers.forget_all(db, account_id)
        if change.knows:
            await self._browsers.know(db, account_id, change.knows, _since(change))
        await self._outbox.put(db, change.entries)
        await self._history.put(db, change.events)


async def lock(db: AsyncConnection, account_id: str) -> Credentials | None:
    """Take an account's row, in the caller's transaction, and give what stands there; None when it is gone."""
    row = (await db.execute(LOCK, {"wanted": account_id})).one_or_none()
    return None if row is None else credentials_of(row)


def _since(change: Change) -> datetime:
    # Not before the new password, however a clock was put, or the browser would not be known with it.
    changed, present = change.values.get("password_changed"), datetime.now(UTC)
    return max(changed, present) if isinstance(changed, datetime) else present


def _is_as_expected(found: Credentials, expects: Mapping[str, object]) -> bool:
    columns = credential_columns(found)
    return all(columns[name] == value for name, value in expects.items())


def _is_due(account: Account, before: datetime | None) -> bool:
    return before is None or (account.erase_at is not None and account.erase_at <= before)


async def _use(db: AsyncConnection, link: Link) -> bool:
    living = (links.c.token_hash == link.token_hash) & (links.c.expires > datetime.now(UTC))
    return (await db.execute(delete(links).where(living))).rowcount == 1


async def _after_earlier_ways_back(db: AsyncConnection, link: Link) -> datetime:
    """Give the moment at which a way back was made: later than all before it, whatever the clocks of processes say.

    The older of two outranks the other, and the account's row is locked by now.
    """
    own = (links.c.account_id == link.account_id) & (links.c.purpose == "restore")
    found = select(links.c.created).where(own).order_by(links.c.created.desc()).limit(1)
    latest = (await db.execute(found)).scalar_one_or_none()
    return link.created if latest is None else max(link.created, latest + timedelta(microseconds=1))


async def _refuse_reserved(db: AsyncConnection, account_id: str, email_key: str) -> None:
    """Raise EmailTaken for an address that somebody else can still go back to.

    Asked after the address was written: whoever came first is then done, and a link of his is to be seen. Asked before,
    a thief could take the address that he has just moved an account away from, and its owner could not come back.
    """
    theirs = (links.c.purpose == "restore") & (links.c.email_key == email_key) & (links.c.account_id != account_id)
    found = await db.execute(select(links.c.token_hash).where(theirs, links.c.expires > datetime.now(UTC)).limit(1))
    if found.one_or_none() is not None:
        raise EmailTaken


async def _translated(db: AsyncConnection, statement: Executable) -> CursorResult[Any]:
    try:
        return await db.execute(statement)
    except (IntegrityError, OperationalError) as error:
        if not email_taken(error):
            raise
        # Not chained: PostgreSQL's message holds the email, and tracebacks end up in logs.
        raise EmailTaken from None
