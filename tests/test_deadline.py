"""The patience of one request."""

import asyncio

import pytest

from webapp import deadline
from webapp.database import NAME, answering, waiting
from webapp.errors import StoreUnavailable
from webapp.shielding import shielded


class Clock:
    """Stands for the module time; goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Give the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock that requests look at."""
    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    return clock


async def test_outside_of_a_request_each_call_has_its_own_bound():
    assert deadline.left(4.0) == 4.0


@pytest.mark.usefixtures("clock")
async def test_calls_of_a_request_share_what_it_has():
    deadline.begin()

    assert deadline.left(1.0) == 1.0
    assert deadline.left(60.0) == deadline.PATIENCE


async def test_time_that_passes_is_taken_from_later_calls(clock: Clock):
    deadline.begin()
    clock.now += deadline.PATIENCE - 1

    assert deadline.left(60.0) == 1

    clock.now += 1
    with pytest.raises(TimeoutError):
        deadline.left(60.0)


async def test_waiting_for_the_client_takes_nothing(clock: Clock):
    deadline.begin()
    clock.now += 1
    with deadline.paused():
        clock.now += 60

    assert deadline.left(60.0) == deadline.PATIENCE - 1


async def test_pause_outside_of_a_request_begins_none():
    with deadline.paused():
        pass

    assert deadline.left(60.0) == 60.0


async def test_work_that_outlives_its_caller_keeps_the_patience():
    @shielded
    async def write() -> float:
        return deadline.left(60.0)

    deadline.begin()

    assert await write() <= deadline.PATIENCE


async def test_requests_of_one_connection_begin_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deadline, "PATIENCE", 0.0)
    deadline.begin()
    monkeypatch.undo()
    deadline.begin()

    assert deadline.left(1.0) == 1.0


async def test_database_is_given_no_more_than_is_left(monkeypatch: pytest.MonkeyPatch):
    # Its own bound is so far away that no busy machine is taken for it.
    monkeypatch.setattr(waiting, "DEADLINE", 3600)
    monkeypatch.setattr(deadline, "PATIENCE", 0.2)
    deadline.begin()

    async with asyncio.timeout(30):
        with pytest.raises(StoreUnavailable, match=NAME):
            await _slow()


async def test_database_is_not_asked_when_nothing_is_left(monkeypatch: pytest.MonkeyPatch):
    asked = []

    @answering
    async def ask() -> None:
        asked.append(True)

    monkeypatch.setattr(deadline, "PATIENCE", 0.0)
    deadline.begin()

    with pytest.raises(StoreUnavailable, match=NAME):
        await ask()
    assert asked == []


@answering
async def _slow() -> None:
    await asyncio.sleep(3600)
