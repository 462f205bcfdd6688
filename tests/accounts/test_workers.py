import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack

import pytest
from gate import Gate

from webapp.accounts.workers import Workers
from webapp.errors import Busy

WAIT = 7


@pytest.fixture
def workers(gate: Gate) -> Iterator[Workers]:
    """Two threads, and three places before them."""
    workers = Workers("test", threads=2, queue=3, wait=WAIT)
    yield workers
    gate.open()
    workers.close()


async def test_result_and_exception_reach_the_caller(workers: Workers) -> None:
    assert await workers.run(pow, 2, 5) == 32
    with pytest.raises(ZeroDivisionError):
        await workers.run(divmod, 1, 0)


async def test_more_than_threads_and_queue_is_busy_at_once(workers: Workers, gate: Gate) -> None:
    tasks = [asyncio.create_task(workers.run(gate.work)) for _ in range(5)]
    await _until(lambda: gate.entered == 2)
    for refused in (workers.run(gate.work), workers.run(pow, 2, 2)):
        with pytest.raises(Busy) as busy:
            await refused
        assert busy.value.wait == WAIT
    with pytest.raises(Busy):
        _ask_for_a_place(workers)
    gate.open()
    await asyncio.gather(*tasks)
    _ask_for_a_place(workers)
    assert gate.entered == 5


async def test_places_are_free_again_after_work_that_failed(workers: Workers) -> None:
    for _ in range(20):
        with pytest.raises(ZeroDivisionError):
            await workers.run(divmod, 1, 0)


async def test_caller_who_gives_up_in_the_queue_frees_the_place(workers: Workers, gate: Gate) -> None:
    tasks = [asyncio.create_task(workers.run(gate.work)) for _ in range(5)]
    await _until(lambda: gate.entered == 2)
    tasks[-1].cancel()
    await asyncio.wait({tasks[-1]})
    _ask_for_a_place(workers)
    gate.open()
    await asyncio.gather(*tasks[:-1])
    assert gate.entered == 4


async def test_caller_who_gives_up_on_running_work_leaves_its_place_taken(workers: Workers, gate: Gate) -> None:
    tasks = [asyncio.create_task(workers.run(gate.work)) for _ in range(5)]
    await _until(lambda: gate.entered == 2)
    for task in tasks[:2]:
        task.cancel()
    await asyncio.wait(tasks[:2])
    with pytest.raises(Busy):
        _ask_for_a_place(workers)
    gate.open()
    await asyncio.gather(*tasks[2:])
    _ask_for_a_place(workers)


async def test_few_come_near_at_once_and_the_others_follow_in_their_order(workers: Workers) -> None:
    near: list[int] = []
    leaving = asyncio.Event()

    async def come(number: int) -> None:
        async with workers.turn():
            near.append(number)
            await leaving.wait()

    tasks = [asyncio.create_task(come(number)) for number in range(5)]
    await asyncio.sleep(0.01)
    assert near == [0, 1, 2, 3]
    tasks[0].cancel()
    await asyncio.wait({tasks[0]})
    await asyncio.sleep(0.01)
    assert near == [0, 1, 2, 3, 4]
    leaving.set()
    await asyncio.gather(*tasks[1:])
    assert _has_all_places(workers)


async def test_caller_who_gives_up_before_his_turn_frees_the_place(workers: Workers) -> None:
    async with AsyncExitStack() as near:
        for _ in range(4):
            await near.enter_async_context(workers.turn())
        waiting = asyncio.create_task(near.enter_async_context(workers.turn()))
        await asyncio.sleep(0.01)
        with pytest.raises(Busy):
            await near.enter_async_context(workers.turn())
        waiting.cancel()
        await asyncio.wait({waiting})
        _ask_for_a_place(workers)


async def test_no_place_is_lost_over_many_cancelled_callers(workers: Workers) -> None:
    for _ in range(200):
        task = asyncio.create_task(workers.run(pow, 2, 2))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        await _until(lambda: _has_place(workers))
    # What was running when its caller went holds its place until it ends.
    await _until(lambda: _has_all_places(workers))
    assert await asyncio.gather(*(workers.run(pow, 2, 2) for _ in range(5))) == [4] * 5


async def test_closed_workers_take_nothing_and_keep_their_places(workers: Workers) -> None:
    workers.close()
    for _ in range(10):
        with pytest.raises(RuntimeError):
            await workers.run(pow, 2, 2)


def _has_place(workers: Workers) -> bool:
    try:
        _ask_for_a_place(workers)
    except Busy:
        return False
    return True


def _has_all_places(workers: Workers) -> bool:
    try:
        with ExitStack() as taken:
            for _ in range(5):
                taken.enter_context(workers.place())
    except Busy:
        return False
    return True


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - it waits for threads, which set no event of asyncio's.
            await asyncio.sleep(0.001)


def _ask_for_a_place(workers: Workers) -> None:
    with workers.place():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere a priority is that of the whole process.")
async def test_pages_come_before_the_work(workers: Workers) -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def usable() -> set[int]:
        return os.sched_getaffinity(threading.get_native_id())

    before = priority(), usable()
    assert await workers.run(priority) == 19
    left = before[1] - await workers.run(usable)
    assert len(left) == (1 if len(before[1]) > 1 else 0)
    assert (priority(), usable()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="The same.")
async def test_work_where_there_is_one_processor_is_done_by_that(workers: Workers) -> None:
    everything = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(everything)})
        assert await workers.run(lambda: os.sched_getaffinity(threading.get_native_id())) == {min(everything)}
    finally:
        os.sched_setaffinity(0, everything)


@pytest.mark.skipif(sys.platform != "linux", reason="The same.")
async def test_work_is_done_where_processors_may_not_be_chosen(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    assert await workers.run(pow, 2, 5) == 32
