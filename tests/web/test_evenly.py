"""Answers that take the same time, on a clock of the test's own."""

import pytest

from webapp.web.evenly import no_sooner_than


class Clock:
    """A clock that only moves when somebody works or sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("worked", [0.0, 0.01, 0.25, 0.4])
async def test_answer_comes_after_the_time_whatever_the_work_took(worked: float) -> None:
    clock = Clock()
    async with no_sooner_than(0.4, clock, clock.work):
        await clock.work(worked)
    assert clock.now == pytest.approx(1000.4)


async def test_work_that_takes_longer_is_not_held_up() -> None:
    clock = Clock()
    async with no_sooner_than(0.4, clock, clock.work):
        await clock.work(3.0)
    assert clock.now == 1003.0


async def test_failure_takes_the_same_time_and_is_told() -> None:
    clock = Clock()

    async def fail() -> None:
        async with no_sooner_than(0.4, clock, clock.work):
            await clock.work(0.1)
            raise ValueError("no such account")

    with pytest.raises(ValueError, match="no such account"):
        await fail()
    assert clock.now == pytest.approx(1000.4)


async def test_clock_and_sleep_are_real_where_none_are_given() -> None:
    async with no_sooner_than(0.0):
        pass
