"""Events in SQL.

``put``, ``note``, ``count`` and ``close`` take part in the transaction of whoever makes the change; the others are
transactions of their own.
"""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Text, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from webapp.database import answering, autocommitting, delete_in_batches

from .model import HOURLY, KEPT, MOST, Event, Kind, Origin, cut_address, ended_id, now
from .tables import event as events

# Where a page of the history ends: the moment and the id of its last event.
Place = tuple[datetime, str]
# So many are read at a time where all of them are wanted.
AT_A_TIME = 500
# Of sessions that ended so nothing is left in Redis: nobody has ended them, or there was nobody to be told.
WITHOUT_WORD = frozenset({"idle", "age", "signed-out", "replaced"})

# What a sign-in runs is built once: to build a statement takes SQLAlchemy longer than to run it (0.3 ms).
OWNER, ID = (bindparam(name, type_=Text) for name in ("owner", "known_as"))
FOUND = select(events).where(events.c.id == ID)
# Which of two stand.
STANDING = select(events.c.id).where(events.c.id.in_((ID, bindparam("or_as", type_=Text))))
LATELY = select(events).where(
    events.c.account_id == OWNER,
    events.c.at >= bindparam("since", type_=events.c.at.type),
    events.c.kind == bindparam("of_kind", type_=Text),
)
NEWEST_FIRST = select(events.c.at).where(events.c.account_id == OWNER).order_by(events.c.at.desc())
EDGE = NEWEST_FIRST.offset(bindparam("most", type_=Integer)).limit(1)


class History:
    """The event table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._autocommit = autocommitting(engine)

    async def put(self, db: AsyncConnection, happened: Collection[Event]) -> None:
        """Write events in the caller's transaction; what is more than MOST of an account goes, the oldest first."""
        for each in happened:
            ended = ended_id(each.origin.session_id)
            await self._write(db, each, is_over=ended in await _standing(db, ended))
        for account_id in {each.account_id for each in happened}:
            await self._make_room(db, account_id)

    async def note(self, db: AsyncConnection, happened: Event) -> bool:
        """Write an event in the caller's transaction, unless one of its id stands; tells whether it was written.

        The caller holds the account's row, so nobody else writes the same at the same time.
        """
        ended = ended_id(happened.origin.session_id)
        stand = await _standing(db, happened.id, ended)
        if happened.id in stand:
            return False
        await self._write(db, happened, is_over=ended in stand)
        await self._make_room(db, happened.account_id)
        return True

    async def count(self, db: AsyncConnection, happened: Event) -> None:
        """Write an event that stands for many, or count one more where it stands, in the caller's transaction.

        The caller holds the account's row, so nobody else counts at the same time.
        """
        itself = events.c.id == happened.id
        body = (await db.execute(select(events.c.body).where(itself))).scalar_one_or_none()
        if body is None:
            await self.put(db, [happened])
            return
        so_far: dict[str, str] = json.loads(body)
        together = {**so_far, **happened.details, "count": str(int(so_far["count"]) + int(happened.details["count"]))}
        latest = _columns(happened) | {"body": json.dumps(together)}
        await db.execute(update(events).where(itself).values(latest))

    async def close(self, db: AsyncConnection, session_id: str) -> None:
        """Cut the addresses of a session that is over, in the caller's transaction."""
        theirs = events.c.session_id == session_id
        found = await db.execute(select(events.c.address).where(theirs).distinct())
        for address in found.scalars().all():
            same = and_(theirs, events.c.address == address)
            await db.execute(update(events).where(same).values(address=cut_address(address)))

    async def add(self, happened: Event) -> None:
        """Write one event for itself."""
        try:
            await self._add(happened)
        except IntegrityError:
            # One that stands for its hour was written by somebody else at this moment. Now it is there to be replaced.
            await self._add(happened)

    @answering
    async def page(self, account_id: str, most: int, after: Place | None = None) -> list[Event]:
        """Give up to ``most`` events of an account, the newest first, from below ``after`` on."""
        wanted = select(events).where(events.c.account_id == account_id, events.c.at > now() - KEPT)
        if after is not None:
            at, last = after
            wanted = wanted.where(or_(events.c.at < at, and_(events.c.at == at, events.c.id < last)))
        ordered = wanted.order_by(events.c.at.desc(), events.c.id.desc()).limit(most)
        async with self._autocommit.connect() as db:
            return [_event(row) for row in await db.execute(ordered)]

    async def of(self, account_id: str) -> list[Event]:
        """Give every event of an account that still stands, the oldest first."""
        found: list[Event] = []
        while True:
            wanted = events.c.account_id == account_id
            if found:
                at, last = found[-1].at, found[-1].id
                wanted &= or_(events.c.at > at, and_(events.c.at == at, events.c.id > last))
            some = await self._some(wanted)
            found += some
            if len(some) < AT_A_TIME:
                return found

    @answering
    async def sessions_of(self, account_id: str) -> set[str]:
        """Give the ids of the sessions of which there may still be word in Redis how they were ended."""
        wanted = select(events.c.session_id, events.c.body).where(
            events.c.account_id == account_id, events.c.kind == "ended", events.c.session_id.is_not(None)
        )
        async with self._autocommit.connect() as db:
            found = await db.execute(wanted)
            return {row.session_id for row in found if json.loads(row.body)["reason"] not in WITHOUT_WORD}

    async def lately(self, db: AsyncConnection, account_id: str, kind: Kind, since: datetime) -> list[Event]:
        """Give an account's events of a kind from a moment on, in the caller's transaction."""
        found = await db.execute(LATELY, {"owner": account_id, "since": since, "of_kind": kind})
        return [_event(row) for row in found]

    @answering
    async def find(self, event_id: str) -> Event | None:
        """Find an event by its id."""
        async with self._autocommit.connect() as db:
            row = (await db.execute(FOUND, {"known_as": event_id})).one_or_none()
        return None if row is None else _event(row)

    @answering
    async def of_link(self, token_hash: str) -> Event | None:
        """Find the sign-in that a link says was not its owner's; None when the link opens nothing any more."""
        async with self._autocommit.connect() as db:
            row = (await db.execute(select(events).where(_opens(token_hash)))).one_or_none()
        return None if row is None else _event(row)

    async def use_link(self, db: AsyncConnection, token_hash: str) -> bool:
        """Let such a link open nothing any more, in the caller's transaction; False when it opened nothing before."""
        used = update(events).where(_opens(token_hash)).values(token_hash=None, token_until=None)
        return (await db.execute(used)).rowcount == 1

    async def sweep(self) -> None:
        """Delete what is too old to be read."""
        await delete_in_batches(self._engine, [events.c.id], events.c.at <= now() - KEPT, events.c.at)

    @answering
    async def _add(self, happened: Event) -> None:
        async with self._engine.begin() as db:
            await self.put(db, [happened])

    @answering
    async def _some(self, wanted: ColumnElement[bool]) -> list[Event]:
        ordered = select(events).where(wanted).order_by(events.c.at, events.c.id).limit(AT_A_TIME)
        async with self._autocommit.connect() as db:
            return [_event(row) for row in await db.execute(ordered)]

    async def _write(self, db: AsyncConnection, happened: Event, *, is_over: bool) -> None:
        """Write one, with its address cut where no session is behind it, or one that ``is_over``."""
        cut = is_over or not happened.origin.session_id
        row = _columns(replace(happened, origin=happened.origin.cut()) if cut else happened)
        # What stands for its hour takes the place of the one before.
        replaced = happened.id.startswith(HOURLY) and await _replace(db, row)
        if not replaced:
            await db.execute(insert(events), row)

    async def _make_room(self, db: AsyncConnection, account_id: str) -> None:
        too_old = (await db.execute(EDGE, {"owner": account_id, "most": MOST})).scalar_one_or_none()
        if too_old is not None:
            theirs = events.c.account_id == account_id
            old = select(events.c.id).where(theirs, events.c.at <= too_old).with_for_update(skip_locked=True)
            await db.execute(delete(events).where(events.c.id.in_(old)))


async def _standing(db: AsyncConnection, event_id: str, or_as: str = "") -> set[str]:
    """Tell which of two ids are those of events that are written."""
    return set((await db.execute(STANDING, {"known_as": event_id, "or_as": or_as})).scalars())


def _opens(token_hash: str) -> ColumnElement[bool]:
    return and_(events.c.token_hash == token_hash, events.c.token_until > now())


async def _replace(db: AsyncConnection, row: dict[str, Any]) -> bool:
    return (await db.execute(update(events).where(events.c.id == row["id"]).values(row))).rowcount == 1


def _columns(happened: Event) -> dict[str, Any]:
    return {
        "id": happened.id,
        "account_id": happened.account_id,
        "at": happened.at,
        "kind": happened.kind,
        "session_id": happened.origin.session_id or None,
        "device": happened.origin.device,
        "address": happened.origin.address,
        "place": happened.origin.place,
        "body": json.dumps(dict(happened.details)),
        "browser": happened.browser or None,
        "token_hash": happened.token_hash or None,
        "token_until": happened.token_until,
    }


def _event(row: Row[Any]) -> Event:
    return Event(
        kind=row.kind,
        account_id=row.account_id,
        at=row.at,
        origin=Origin(row.session_id or "", row.device, row.address, row.place),
        details=json.loads(row.body),
        browser=row.browser or "",
        token_hash=row.token_hash or "",
        token_until=row.token_until,
        id=row.id,
    )
