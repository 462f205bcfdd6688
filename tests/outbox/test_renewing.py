"""Whoever is long at an entry keeps it, and whoever is at it no more does not."""

import asyncio
from datetime import timedelta

from outbox.world import MINUTE, NOW, PATIENCE, Clock, Errand, Lines, away, claim_one, count, end, held, make_entry
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.outbox import Entry, Outbox, Runner, Timings
from webapp.outbox.renewing import renew_again_and_again

LEASE = timedelta(seconds=60)
TIMINGS = Timings(poll=3600, finish=PATIENCE, lease=60, renewal=0.01, patience=PATIENCE)


class Troubled(Outbox):
    """An outbox whose renewals meet ``failures`` first, the next one last."""

    failures: list[Exception]

    async def renew(self, entry: Entry, lease: timedelta) -> bool:
        if self.failures:
            raise self.failures.pop()
        return await super().renew(entry, lease)


async def test_entry_is_kept_for_as_long_as_its_handler_is_at_work(
    outbox: Outbox, other: Outbox, engine: AsyncEngine, clock: Clock
) -> None:
    runner, errand = await _at_work(outbox)
    for _ in range(5):
        clock.now += LEASE * 0.9
        await held(engine, clock.now + LEASE)
        assert await other.claim(["mail"], 5, MINUTE) == []
    errand.gate.set()
    await errand.until_done()
    await end(runner)
    assert len(errand.begun) == 1
    assert await count(engine) == 0


async def test_claim_is_held_again_after_a_database_that_was_away_and_a_bug(
    engine: AsyncEngine, clock: Clock, lines: Lines
) -> None:
    outbox = Troubled(engine, clock)
    outbox.failures = [LookupError(), away(), away()]
    await outbox.add(make_entry())
    entry = await claim_one(outbox)
    # It ran out meanwhile, but nobody else has taken it.
    clock.now += 2 * LEASE
    holding = asyncio.create_task(renew_again_and_again(outbox, entry, LEASE, 0.01))
    await held(engine, clock.now + LEASE)
    assert lines.warnings == ["Renewing a claim met a bug of ours."]
    await outbox.done(entry.id)
    async with asyncio.timeout(PATIENCE):
        await holding


async def test_claim_of_one_that_was_stopped_is_renewed_no_more(
    outbox: Outbox, other: Outbox, engine: AsyncEngine, clock: Clock
) -> None:
    timings = Timings(poll=3600, finish=0.05, cancel=PATIENCE, renewal=0.01)
    runner, _ = await _at_work(outbox, timings)
    await end(runner)
    clock.now += LEASE
    assert (await claim_one(other)).attempts == 2


async def test_what_is_ours_no_more_is_not_held(outbox: Outbox, other: Outbox, clock: Clock) -> None:
    await outbox.add(make_entry())
    lost = await claim_one(outbox)
    clock.now += LEASE
    theirs = await claim_one(other)
    assert not await outbox.renew(lost, LEASE)
    assert await other.renew(theirs, LEASE)
    await other.postpone(theirs, NOW)
    assert not await other.renew(theirs, LEASE)
    again = await claim_one(outbox)
    await outbox.done(again.id)
    assert not await outbox.renew(again, LEASE)


async def _at_work(outbox: Outbox, timings: Timings = TIMINGS) -> tuple[Runner, Errand]:
    errand = Errand(is_open=False)
    await outbox.add(make_entry())
    runner = Runner(outbox, {"mail": errand}, timings=timings)
    runner.start()
    await errand.until_begun()
    return runner, errand
