"""Each entry has one process at a time that is at it, and one that was left behind finds another."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from outbox.world import DAY, MINUTE, NOW, Clock, claim_one, count, make_entry, put
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import open_engine
from webapp.outbox import Entry, Outbox
from webapp.outbox.tables import outbox as table

PROCESSES = 4
MANY = 60
KINDS = ["mail", "sessions"]


@pytest.fixture
async def processes(database_url: str, clock: Clock) -> AsyncIterator[list[Outbox]]:
    """Give the outbox as several processes have it."""
    async with AsyncExitStack() as stack:
        engines = [open_engine(database_url) for _ in range(PROCESSES)]
        for engine in engines:
            stack.push_async_callback(engine.dispose)
        yield [Outbox(engine, clock) for engine in engines]


async def test_claims_at_once_never_share_an_entry(engine: AsyncEngine, processes: list[Outbox]) -> None:
    entries = [make_entry() for _ in range(MANY)]
    await put(engine, *entries)
    claimed = await asyncio.gather(*(_claim_all(outbox) for outbox in processes))
    assert Counter(entry.id for found in claimed for entry in found) == Counter(entry.id for entry in entries)


async def test_claimed_entry_says_that_it_is_tried_and_is_else_unchanged(outbox: Outbox) -> None:
    entry = make_entry(body={"letter": "confirm-email"})
    await outbox.add(entry)
    claimed = await claim_one(outbox)
    assert claimed.attempts == 1
    assert (claimed.id, claimed.body, claimed.due, claimed.until) == (entry.id, entry.body, entry.due, entry.until)


async def test_claim_that_ran_out_is_taken_by_another_process(outbox: Outbox, other: Outbox, clock: Clock) -> None:
    await outbox.add(make_entry())
    lost = await claim_one(outbox)
    assert await other.claim(KINDS, 5, MINUTE) == []
    clock.now += MINUTE
    assert (await claim_one(other)).attempts == 2
    assert await outbox.claim(KINDS, 5, MINUTE) == []
    # Who was late may not give away what is another's now.
    assert not await outbox.postpone(lost, NOW)
    assert await outbox.claim(KINDS, 5, MINUTE) == []


async def test_oldest_due_come_first_and_no_more_than_asked_for(outbox: Outbox) -> None:
    entries = [make_entry(due=NOW - minute * MINUTE) for minute in (2, 5, 0, 4, 1, 3)]
    for entry in entries:
        await outbox.add(entry)
    oldest = sorted(entries, key=lambda entry: entry.due)
    found = [[entry.id for entry in await outbox.claim(KINDS, 4, MINUTE)] for _ in range(3)]
    assert found == [[entry.id for entry in oldest[:4]], [entry.id for entry in oldest[4:]], []]


async def test_what_is_not_due_or_of_another_kind_is_left(outbox: Outbox, engine: AsyncEngine) -> None:
    await put(engine, make_entry(due=NOW + MINUTE), make_entry("erasure"))
    assert await outbox.claim(KINDS, 5, MINUTE) == []
    assert await outbox.claim([], 5, MINUTE) == []
    assert await count(engine) == 2


async def test_postponed_entry_is_free_at_its_new_moment(outbox: Outbox, other: Outbox, clock: Clock) -> None:
    await outbox.add(make_entry())
    assert await outbox.postpone(await claim_one(outbox), NOW + DAY)
    assert await other.next_due(KINDS) == NOW + DAY
    clock.now += DAY
    assert (await claim_one(other)).attempts == 2


async def test_done_entry_cannot_be_postponed(outbox: Outbox, engine: AsyncEngine) -> None:
    await outbox.add(make_entry())
    claimed = await claim_one(outbox)
    await outbox.done(claimed.id)
    assert not await outbox.postpone(claimed, NOW)
    assert await count(engine) == 0


async def test_claim_on_postgresql_passes_over_what_another_is_claiming(postgresql_url: str, clock: Clock) -> None:
    engine = open_engine(postgresql_url)
    first, second = make_entry(due=NOW - MINUTE), make_entry()
    await put(engine, first, second)
    async with engine.begin() as db:
        await db.execute(select(table.c.id).where(table.c.id == first.id).with_for_update())
        assert [entry.id for entry in await Outbox(engine, clock).claim(KINDS, 1, MINUTE)] == [second.id]
    await engine.dispose()


async def _claim_all(outbox: Outbox) -> list[Entry]:
    """Claim a few at a time, until nothing is left to anybody."""
    found: list[Entry] = []
    while await outbox.next_due(KINDS) is not None:
        found += await outbox.claim(KINDS, 3, MINUTE)
    return found
