"""The runner does what is due, at once where it can know of it, and the processes share the work."""

import asyncio
from collections import Counter
from collections.abc import Collection
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest
from outbox.world import DAY, MINUTE, PATIENCE, Asked, Clock, Errand, count, end, make_entry, put
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp import deadline
from webapp.outbox import Entry, Outbox, Runner
from webapp.outbox.runner import Timings
from webapp.outbox.store import FOUND_BY_THEN

# Nobody waits for an hour: what happens nevertheless was not found by polling.
PATIENT = Timings(poll=3600, finish=PATIENCE)
RESTLESS = Timings(poll=0.01, busy=0.01, finish=PATIENCE)
MANY = 40


async def test_what_stands_there_at_the_start_is_done_and_taken_out(outbox: Outbox, engine: AsyncEngine) -> None:
    await put(engine, make_entry(), make_entry())
    errand = Errand()
    runner = _started(outbox, errand)
    await errand.until_done(2)
    await end(runner)
    assert await count(engine) == 0


async def test_entry_that_this_process_adds_is_done_without_waiting_for_the_poll(outbox: Outbox) -> None:
    errand = Errand()
    runner = _started(outbox, errand)
    for done in (1, 2, 3):
        await outbox.add(make_entry())
        await errand.until_done(done)
    await end(runner)


async def test_entry_that_is_put_in_is_done_when_the_transaction_has_ended(outbox: Outbox, engine: AsyncEngine) -> None:
    errand = Errand()
    runner = _started(outbox, errand)
    await put(engine, make_entry())
    outbox.wake()
    await errand.until_done()
    await end(runner)


async def test_runner_is_woken_by_its_own_kinds_alone(outbox: Outbox, engine: AsyncEngine) -> None:
    errand = Errand()
    runner = _started(outbox, errand)
    await asyncio.sleep(0.1)
    await put(engine, make_entry())
    outbox.wake({"another"})
    await asyncio.sleep(0.1)
    assert await count(engine) == 1
    outbox.wake({"another", make_entry().kind})
    await errand.until_done()
    await end(runner)


async def test_what_the_runner_is_told_of_is_claimed_without_a_look(engine: AsyncEngine) -> None:
    errand, outbox = Errand(), Asked(engine)
    runner = _started(outbox, errand)
    for done in (1, 2):
        await outbox.until_asked("next_due")
        outbox.asked.clear()
        due = datetime.now(UTC)
        await outbox.add(make_entry(due=due, until=due + DAY))
        await errand.until_done(done)
        assert outbox.asked[0] == "claim"
    await end(runner)


async def test_what_is_due_later_than_it_looks_wakes_nobody(engine: AsyncEngine) -> None:
    outbox = Outbox(engine)
    told: list[Collection[str] | None] = []
    outbox.listeners.add(told.append)
    for after in (timedelta(), FOUND_BY_THEN / 2, 2 * FOUND_BY_THEN):
        await outbox.add(make_entry(due=datetime.now(UTC) + after))
    assert told == [{"mail"}] * 2
    assert timedelta(seconds=Timings().poll) < FOUND_BY_THEN


async def test_entry_of_another_process_is_found_by_polling(outbox: Outbox, other: Outbox) -> None:
    errand = Errand()
    runner = _started(outbox, errand, RESTLESS)
    await other.add(make_entry())
    await errand.until_done()
    await end(runner)


async def test_entry_is_done_when_it_is_due_without_waiting_for_the_poll(engine: AsyncEngine) -> None:
    errand, outbox = Errand(), Outbox(engine)
    runner = _started(outbox, errand)
    due = datetime.now(UTC) + timedelta(seconds=0.5)
    await outbox.add(make_entry(due=due, until=due + DAY))
    await errand.until_done()
    assert datetime.now(UTC) >= due
    await end(runner)


async def test_kinds_without_a_handler_are_left(outbox: Outbox, engine: AsyncEngine) -> None:
    errand = Errand()
    await put(engine, make_entry("of a newer version"), make_entry())
    runner = _started(outbox, errand)
    await errand.until_done()
    await end(runner)
    assert await count(engine) == 1


async def test_no_more_are_done_at_once_than_there_are_places(outbox: Outbox, engine: AsyncEngine) -> None:
    await put(engine, *(make_entry() for _ in range(7)))
    errand = Errand(is_open=False)
    runner = _started(outbox, errand, places=3)
    await errand.until_begun(3)
    # The others are nobody's yet: another process with free places may have them.
    assert len(await outbox.claim(["mail"], 7, MINUTE)) == 4
    errand.gate.set()
    await errand.until_done(3)
    await end(runner)
    assert len(errand.begun) == 3


async def test_entry_that_hangs_keeps_no_other_waiting(outbox: Outbox, engine: AsyncEngine) -> None:
    hanging, errand = Errand(is_open=False), Errand()
    await put(engine, make_entry("hanging"))
    runner = Runner(outbox, {"hanging": hanging, "mail": errand}, places=2, timings=PATIENT)
    runner.start()
    await hanging.until_begun()
    await put(engine, *(make_entry() for _ in range(7)))
    outbox.wake()
    await errand.until_done(7)
    assert hanging.done == []
    hanging.gate.set()
    await end(runner)


async def test_two_processes_do_each_entry_once(outbox: Outbox, other: Outbox, engine: AsyncEngine) -> None:
    errand = Errand()
    await put(engine, *(make_entry() for _ in range(MANY)))
    runners = [_started(each, errand, RESTLESS) for each in (outbox, other)]
    await errand.until_done(MANY)
    await end(*runners)
    assert set(Counter(errand.begun).values()) == {1}
    assert await count(engine) == 0


async def test_failed_entry_is_tried_again_when_its_pause_is_over(outbox: Outbox, clock: Clock) -> None:
    errand, failed = Errand(), asyncio.Event()

    async def fails_once(entry: Entry) -> None:
        if entry.attempts == 1:
            failed.set()
            raise ConnectionRefusedError
        await errand(entry)

    runner = Runner(outbox, {"mail": fails_once}, timings=RESTLESS)
    runner.start()
    await outbox.add(make_entry())
    async with asyncio.timeout(PATIENCE):
        await failed.wait()
    assert errand.begun == []
    # Longer than the pause, and shorter than the claim that would run out.
    clock.now += MINUTE / 2
    await errand.until_done()
    await end(runner)


async def test_patience_of_a_request_is_not_inherited(
    outbox: Outbox, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = Errand()
    monkeypatch.setattr(deadline, "PATIENCE", 0)
    runner = Runner(outbox, {"mail": errand}, timings=PATIENT)
    for call in (runner.start, outbox.wake):
        await put(engine, make_entry())
        request = copy_context()
        request.run(deadline.begin)
        request.run(call)
    await errand.until_done(2)
    await end(runner)


def _started(outbox: Outbox, errand: Errand, timings: Timings = PATIENT, places: int = 5) -> Runner:
    runner = Runner(outbox, {"mail": errand}, timings=timings, places=places)
    runner.start()
    return runner


async def test_batch_is_claimed_as_soon_as_so_many_places_are_free(outbox: Outbox, engine: AsyncEngine) -> None:
    await put(engine, *(make_entry() for _ in range(12)))
    claims, claim = list[int](), outbox.claim

    async def counting(kinds: Collection[str], most: int, lease: timedelta) -> list[Entry]:
        claims.append(most)
        return await claim(kinds, most, lease)

    outbox.claim = counting  # type: ignore[method-assign]  # It counts and passes on.
    errand = Errand()
    runner = Runner(outbox, {"mail": errand}, places=6, batch=3, timings=PATIENT)
    runner.start()
    await errand.until_done(12)
    await end(runner)
    assert min(claims) >= 3
    assert len(claims) <= 5
