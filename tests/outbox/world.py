"""An outbox whose time passes when a test says so, and what a test puts in and looks at."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.errors import StoreUnavailable
from webapp.outbox import Entry, Outbox, Runner
from webapp.outbox.tables import outbox as table
from webapp.shielding import settle

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Seconds that anything here may take on a machine that is busy with something else.
PATIENCE = 30


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Away(Outbox):
    """An outbox whose database does not answer the next looks; ``failures`` are what it meets, the next one last."""

    failures: list[Exception]

    async def next_due(self, kinds: Collection[str]) -> datetime | None:
        if self.failures:
            raise self.failures.pop()
        return await super().next_due(kinds)


class Asked(Outbox):
    """An outbox that remembers what its runner asked, in words of its methods."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.asked: list[str] = []
        self._changed = asyncio.Event()

    async def next_due(self, kinds: Collection[str]) -> datetime | None:
        self._note("next_due")
        return await super().next_due(kinds)

    async def claim(self, kinds: Collection[str], most: int, lease: timedelta) -> list[Entry]:
        self._note("claim")
        return await super().claim(kinds, most, lease)

    async def until_asked(self, what: str) -> None:
        """Wait until the last thing that it was asked is this."""
        async with asyncio.timeout(PATIENCE):
            while self.asked[-1:] != [what]:
                self._changed.clear()
                await self._changed.wait()

    def _note(self, what: str) -> None:
        self.asked.append(what)
        self._changed.set()


class Errand:
    """A handler that waits until ``gate`` is open; the lists say what it has begun and done."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.gate = asyncio.Event()
        if is_open:
            self.gate.set()
        self.begun: list[str] = []
        self.done: list[str] = []
        self.cancelled = 0
        self._changed = asyncio.Event()

    async def __call__(self, entry: Entry) -> None:
        self.begun.append(entry.id)
        self._changed.set()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.done.append(entry.id)
        self._changed.set()

    async def until_begun(self, count: int = 1) -> None:
        """Wait until so many have begun."""
        await self._until(self.begun, count)

    async def until_done(self, count: int = 1) -> None:
        """Wait until so many are done."""
        await self._until(self.done, count)

    async def _until(self, entries: list[str], count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(entries) < count:
                self._changed.clear()
                await self._changed.wait()


def make_entry(
    kind: str = "mail",
    account_id: str | None = None,
    *,
    due: datetime = NOW,
    until: datetime = NOW + DAY,
    body: Mapping[str, str] | None = None,
) -> Entry:
    """Make an entry that is due now and tried for a day."""
    return Entry(kind, account_id, body or {}, due, until, NOW)


async def put(engine: AsyncEngine, *entries: Entry) -> None:
    """Write entries past whoever would be woken by them."""
    async with engine.begin() as db:
        await Outbox(engine).put(db, entries)


async def claim_one(outbox: Outbox) -> Entry:
    """Claim the one entry that is due."""
    [entry] = await outbox.claim(["mail"], 5, MINUTE)
    return entry


async def count(engine: AsyncEngine) -> int:
    """Count the entries."""
    async with engine.connect() as db:
        return int((await db.execute(select(func.count()).select_from(table))).scalar_one())


async def held(engine: AsyncEngine, until: datetime) -> None:
    """Wait until the one entry is claimed until then."""
    async with asyncio.timeout(PATIENCE), engine.connect() as db:
        while (await db.execute(select(table.c.claimed_until))).scalar_one() != until:
            await db.rollback()
            await asyncio.sleep(0.01)


def away() -> StoreUnavailable:
    """Make what a database raises that does not answer."""
    return StoreUnavailable("the database")


class Lines(logging.Handler):
    """What the outbox logs, as it is before anything is masked."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self._loop.call_soon_threadsafe(self._changed.set)

    @property
    def warnings(self) -> list[str]:
        """The lines that an operator should see to."""
        return [record.getMessage() for record in self.records if record.levelno >= logging.WARNING]

    @property
    def traceback_count(self) -> int:
        """How many lines have a traceback."""
        return sum(record.exc_info is not None for record in self.records)

    async def until(self, words: str) -> None:
        """Wait for a line with these words."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in record.getMessage() for record in self.records):
                self._changed.clear()
                await self._changed.wait()


@contextmanager
def logged() -> Iterator[Lines]:
    """Collect what the outbox logs."""
    lines, log = Lines(), logging.getLogger("webapp.outbox")
    before = log.level
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        log.removeHandler(lines)
        log.setLevel(before)


async def end(*runners: Runner) -> None:
    """Stop runners, and wait for what the database is still asked, as a server does before it closes the database."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(runner.stop() for runner in runners))
        await settle()
