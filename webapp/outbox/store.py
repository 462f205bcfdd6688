"""Entries in SQL.

``put``, ``remove`` and ``cancel`` take part in the transaction of whoever makes the change; the others are transactions
of their own.

Whoever is at an entry has claimed it for a while, and renews the claim as long as it takes. A process that dies leaves
its claims behind; once they have run out, any other process takes them. ``attempts`` counts the claims, and so tells
one claim of an entry from the next.
"""

import json
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.database import answering, autocommitting, delete_in_batches

from .model import Entry
from .tables import outbox

# Whoever does a kind gives it up by himself, with a line in the log, unless every process was away.
UNTIL_SWEPT = timedelta(hours=1)
# What is due later than this is found without a word: runners look every few seconds (Timings.poll).
FOUND_BY_THEN = timedelta(seconds=10)
# When an entry is due that somebody waits for: before all that waits for its turn, however long that has been.
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
# What is frequent is built once: to build a statement takes SQLAlchemy up to ten times as long as to run it, and a
# sign-in looks, claims and puts back (0.6 ms for a look, and 0.03 so).
NOW = bindparam("now", type_=outbox.c.due.type)
WHICH = bindparam("which", type_=Text)
ONE = outbox.c.id == WHICH
# A claim, as long as nobody else has made another one since.
OURS = and_(ONE, outbox.c.attempts == bindparam("claim", type_=Integer))
PUT = insert(outbox)
REMOVE = delete(outbox).where(ONE)
POSTPONE = (
    update(outbox)
    .where(OURS)
    .values(due=bindparam("at", type_=outbox.c.due.type), claimed_until=None, body=bindparam("with_body", type_=Text))
)
HASTEN = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("all", expanding=True)))
    .values(due=bindparam("at", type_=outbox.c.due.type), claimed_until=None, attempts=outbox.c.attempts + 1)
)
# Sets of kinds that statements are kept for; a process has a handful of runners.
KINDS = 32


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class Outbox:
    """The outbox table. ``clock`` says what is due.

    ``listeners`` are called when something new stands in the table: with its kinds, or None where that may be any.
    """

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._autocommit = autocommitting(engine)
        self.clock = clock
        self.listeners: set[Callable[[Collection[str] | None], None]] = set()

    def wake(self, kinds: Collection[str] | None = None) -> None:
        """Tell this process's runners that something new stands here: of any kind, unless ``kinds`` are told.

        Each runner that is woken looks into the table, which takes half a millisecond: what is frequent tells its
        kinds. To be called once the transaction of ``put`` is committed: before that nobody else sees what it wrote.
        """
        for listener in tuple(self.listeners):
            listener(kinds)

    async def put(self, db: AsyncConnection, entries: Iterable[Entry]) -> None:
        """Write entries in the caller's transaction."""
        # One by one: several at once would be a pipeline of psycopg's, and there are hardly ever two.
        for entry in entries:
            await db.execute(PUT, _columns(entry))

    async def remove(self, db: AsyncConnection, entry_id: str) -> bool:
        """Take an entry out in the caller's transaction; False when it is done or cancelled already."""
        return (await db.execute(REMOVE, {"which": entry_id})).rowcount == 1

    async def cancel(self, db: AsyncConnection, account_id: str, kind: str) -> None:
        """Take out what an account still has of a kind, in the caller's transaction."""
        await db.execute(delete(outbox).where(outbox.c.account_id == account_id, outbox.c.kind == kind))

    @answering
    async def add(self, entry: Entry) -> None:
        """Write one entry for itself, and wake the runners if it is due soon."""
        async with self._autocommit.begin() as db:
            await self.put(db, [entry])
        if entry.due <= self.clock() + FOUND_BY_THEN:
            self.wake({entry.kind})

    @answering
    async def next_due(self, kinds: Collection[str]) -> datetime | None:
        """Tell when the next entry is due that nobody is at; None where there is none.

        A look that takes no lock and reads one row of the index for each kind, since every process looks every few
        seconds. Each kind is asked for by itself: no plan for several at once reads only these rows, and a database
        that has not counted its rows yet chose one that read a million others.
        """
        if not kinds:
            return None
        async with self._autocommit.connect() as db:
            soonest: datetime | None = (await db.execute(_soonest(tuple(kinds)), {"now": self.clock()})).scalar_one()
        return soonest

    @answering
    async def claim(self, kinds: Collection[str], most: int, lease: timedelta) -> list[Entry]:
        """Take up to ``most`` due entries for so long, the oldest due first; nobody else gets the same."""
        now = self.clock()
        values = {"now": now, "most": most, "lease_ends": now + lease}
        async with self._autocommit.begin() as db:
            rows = (await db.execute(_claiming(tuple(kinds)), values)).all()
        return sorted(map(_entry, rows), key=lambda entry: (entry.due, entry.id))

    @answering
    async def renew(self, entry: Entry, lease: timedelta) -> bool:
        """Hold a claim for so long from now on; False when it is ours no more."""
        values = {"claimed_until": self.clock() + lease}
        async with self._autocommit.begin() as db:
            # What was given back must not be held again by a renewal that comes late.
            held = update(outbox).where(OURS, outbox.c.claimed_until.is_not(None)).values(values)
            return (await db.execute(held, _claim_of(entry))).rowcount == 1

    @answering
    async def postpone(self, entry: Entry, due: datetime) -> bool:
        """Give a claimed entry back until ``due``, with the body that it has now.

        False when it is gone, or somebody else has claimed it meanwhile.
        """
        values = {**_claim_of(entry), "at": due, "with_body": json.dumps(dict(entry.body))}
        async with self._autocommit.begin() as db:
            return (await db.execute(POSTPONE, values)).rowcount == 1

    async def hasten(self, db: AsyncConnection, entry_ids: Collection[str]) -> None:
        """Let entries be due before all others, in the caller's transaction, also those that somebody is at.

        That one may have looked too early. His claim is over by that, so that he does not put it off once more.
        """
        await db.execute(HASTEN, {"all": list(entry_ids), "at": AT_ONCE})

    @answering
    async def done(self, entry_id: str) -> None:
        """Take an entry out."""
        async with self._autocommit.begin() as db:
            await self.remove(db, entry_id)

    async def sweep(self) -> None:
        """Delete what is not worth trying any more and nobody has taken out, since nobody here does its kind."""
        now = self.clock()
        over = and_(outbox.c.until <= now - UNTIL_SWEPT, _unclaimed(now))
        await delete_in_batches(self._engine, [outbox.c.id], over, outbox.c.until)

    @answering
    async def about(self, account_id: str, values: Collection[str] = ()) -> list[Entry]:
        """Give what an account still has, and what belongs to no account and has one of ``values`` in its body."""
        named = (outbox.c.body.contains(json.dumps(value), autoescape=True) for value in values)
        theirs = or_(outbox.c.account_id == account_id, and_(outbox.c.account_id.is_(None), or_(false(), *named)))
        wanted = select(outbox).where(theirs).order_by(outbox.c.created, outbox.c.id)
        async with self._autocommit.connect() as db:
            return [_entry(row) for row in await db.execute(wanted)]


# Built once for the kinds of each runner.
@lru_cache(maxsize=KINDS)
def _soonest(kinds: tuple[str, ...]) -> Select[datetime | None]:
    firsts = union_all(*(select(_first(kind).subquery("first")) for kind in kinds)).subquery("firsts")
    return select(func.min(firsts.c.due))


@lru_cache(maxsize=KINDS)
def _claiming(kinds: tuple[str, ...]) -> ReturningUpdate[Any]:
    due = and_(outbox.c.kind.in_(kinds), outbox.c.due <= NOW, _unclaimed(NOW))
    # In the order of the index and no finer: of many that are due since the same moment none would be read first.
    oldest = select(outbox.c.id).where(due).order_by(outbox.c.due).limit(bindparam("most", type_=Integer))
    # PostgreSQL passes over what others are claiming at this moment; SQLite lets one write at a time. As a CTE the
    # choice is made once: PostgreSQL may run a plain subquery again for each row, and claim more than ``most``.
    chosen = oldest.with_for_update(skip_locked=True).cte("chosen", nesting=True)
    claimed = update(outbox).where(outbox.c.id.in_(select(chosen.c.id)))
    lease_ends = bindparam("lease_ends", type_=outbox.c.claimed_until.type)
    return claimed.values(claimed_until=lease_ends, attempts=outbox.c.attempts + 1).returning(outbox)


def _first(kind: str) -> Select[datetime]:
    wanted = select(outbox.c.due).where(outbox.c.kind == kind, _unclaimed(NOW))
    return wanted.order_by(outbox.c.due).limit(1)


def _claim_of(entry: Entry) -> dict[str, object]:
    return {"which": entry.id, "claim": entry.attempts}


def _unclaimed(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)


def _columns(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "account_id": entry.account_id,
        "body": json.dumps(dict(entry.body)),
        "created": entry.created,
        "due": entry.due,
        "until": entry.until,
        "attempts": entry.attempts,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.kind, row.account_id, json.loads(row.body), row.due, row.until, row.created, row.attempts, row.id)
