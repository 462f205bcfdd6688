"""A server that stops waits for nobody long, and leaves nothing half done without a claim."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

import pytest
from outbox.world import MINUTE, NOW, PATIENCE, Clock, Errand, away, claim_one, count, end, make_entry, put
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import waiting
from webapp.outbox import Entry, Outbox, Runner
from webapp.outbox.renewing import RETRY
from webapp.outbox.runner import TIMINGS, Timings

QUICK = Timings(poll=3600, finish=0.05, cancel=PATIENCE)
PATIENT = Timings(poll=3600, finish=PATIENCE)


def test_stop_takes_two_seconds_at_the_most() -> None:
    assert TIMINGS.finish + TIMINGS.cancel <= 2


def test_claim_outlives_renewals_that_the_database_did_not_answer() -> None:
    assert TIMINGS.renewal + 2 * (waiting.DEADLINE + RETRY) + 10 < TIMINGS.lease


async def test_stop_of_one_that_has_nothing_to_do_or_never_began_is_silent(outbox: Outbox) -> None:
    runner = Runner(outbox, {"mail": Errand()}, sweeps=[_sweep], timings=PATIENT)
    await end(runner)
    runner = Runner(outbox, {"mail": Errand()}, sweeps=[_sweep], timings=PATIENT)
    runner.start()
    await end(runner)
    await end(runner)
    assert outbox.listeners == set()


async def test_what_is_under_way_is_finished(outbox: Outbox, engine: AsyncEngine) -> None:
    runner, errand = await _hanging(outbox, PATIENT)
    stopping = asyncio.create_task(end(runner))
    await asyncio.sleep(0)
    errand.gate.set()
    await stopping
    assert len(errand.done) == 1
    assert await count(engine) == 0


async def test_what_hangs_is_cancelled_and_keeps_its_claim(outbox: Outbox, engine: AsyncEngine, clock: Clock) -> None:
    runner, errand = await _hanging(outbox, QUICK)
    await end(runner)
    assert errand.cancelled == 1
    # Nobody knows how far it came: another attempt at once could be a second mail.
    assert await outbox.next_due(["mail"]) is None
    clock.now += timedelta(seconds=QUICK.lease)
    assert (await claim_one(outbox)).attempts == 2


async def test_handler_that_cannot_be_cancelled_holds_nobody(outbox: Outbox) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def stubborn(_entry: Entry) -> None:
        begun.set()
        while not gate.is_set():
            with suppress(asyncio.CancelledError):
                await gate.wait()

    await outbox.add(make_entry())
    runner = Runner(outbox, {"mail": stubborn}, timings=Timings(finish=0.05, cancel=0.05))
    runner.start()
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        await runner.stop()
        [left_alone] = runner._under_way
        gate.set()
        await left_alone
    await end(runner)


async def test_what_was_claimed_while_it_stopped_is_given_back(engine: AsyncEngine, clock: Clock) -> None:
    outbox, errand = SlowClaims(engine, clock), Errand()
    await put(engine, make_entry(), make_entry())
    runner = Runner(outbox, {"mail": errand}, timings=PATIENT)
    runner.start()
    async with asyncio.timeout(PATIENCE):
        await outbox.claimed.wait()
    stopping = asyncio.create_task(end(runner))
    await asyncio.sleep(0)
    outbox.gate.set()
    await stopping
    assert errand.begun == []
    assert await outbox.next_due(["mail"]) == NOW


async def test_stop_while_the_database_is_away_is_silent(
    outbox: Outbox, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, errand = await _hanging(outbox, QUICK)

    async def done(entry_id: str) -> None:
        raise away()

    monkeypatch.setattr(outbox, "done", done)
    errand.gate.set()
    await errand.until_done()
    await end(runner)
    assert await count(engine) == 1


async def test_nothing_is_claimed_after_the_stop(outbox: Outbox) -> None:
    errand = Errand()
    runner = Runner(outbox, {"mail": errand}, timings=PATIENT)
    runner.start()
    await end(runner)
    await outbox.add(make_entry())
    assert len(await outbox.claim(["mail"], 5, MINUTE)) == 1


class SlowClaims(Outbox):
    """An outbox that claims, and tells of it when ``gate`` is open."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        super().__init__(engine, clock)
        self.claimed, self.gate = asyncio.Event(), asyncio.Event()

    async def claim(self, kinds: Collection[str], most: int, lease: timedelta) -> list[Entry]:
        entries = await super().claim(kinds, most, lease)
        self.claimed.set()
        await self.gate.wait()
        return entries


async def _sweep() -> None:
    raise AssertionError("It is not time yet.")


async def _hanging(outbox: Outbox, timings: Timings) -> tuple[Runner, Errand]:
    errand = Errand(is_open=False)
    await outbox.add(make_entry())
    runner = Runner(outbox, {"mail": errand}, timings=timings)
    runner.start()
    await errand.until_begun()
    return runner, errand
