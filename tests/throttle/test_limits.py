"""The limits of routes on a real Redis."""

import asyncio

import pytest
from redis_forms import Deployment
from redis_watch import commands_of
from throttle.waits import keys_of, pass_time, timed, wait_of

from webapp.redis_connection import RedisClient
from webapp.throttle.limits import LIMITS, RouteLimits

HOME, ELSEWHERE = "192.0.2.1", "2001:db8::/64"
AT_ONCE = 5


@pytest.fixture
def limits(redis: RedisClient) -> RouteLimits:
    return RouteLimits(redis)


async def use_up(limits: RouteLimits, name: str) -> list[int]:
    """Take all, and give the waits; no more at once than Redis answers in time on a busy machine."""
    waits: list[int] = []
    while at_once := min(AT_ONCE, LIMITS[name].times - len(waits)):
        waits += await asyncio.gather(*(wait_of(limits.take(name, HOME)) for _ in range(at_once)))
    return waits


@pytest.mark.parametrize("name", LIMITS)
async def test_each_kind_is_refused_above_its_limit_and_allowed_when_its_time_has_passed(
    limits: RouteLimits, redis: RedisClient, name: str
) -> None:
    first = await timed(limits.take(name, HOME))
    assert (await use_up(limits, name)).count(0) == LIMITS[name].times - 1
    assert (await timed(limits.take(name, HOME))).is_right(LIMITS[name].seconds, first)
    await pass_time(redis, LIMITS[name].seconds)
    assert await wait_of(limits.take(name, HOME)) == 0


async def test_other_kinds_and_other_callers_are_not_touched(limits: RouteLimits) -> None:
    await use_up(limits, "resend")
    assert await wait_of(limits.take("resend", HOME)) > 0
    assert await wait_of(limits.take("resend", ELSEWHERE)) == 0
    assert await wait_of(limits.take("acts", HOME)) == 0


async def test_clock_that_was_put_back_keeps_nobody_for_longer_than_the_limit_says(
    limits: RouteLimits, redis: RedisClient
) -> None:
    await limits.take("resend", HOME)
    await pass_time(redis, -600)
    assert await wait_of(limits.take("resend", HOME)) == 0
    await use_up(limits, "resend")
    await pass_time(redis, -600)
    assert await wait_of(limits.take("resend", HOME)) == LIMITS["resend"].seconds


async def test_what_is_given_back_may_be_taken_once_more(limits: RouteLimits) -> None:
    await use_up(limits, "taken")
    assert await wait_of(limits.take("taken", HOME)) > 0
    await limits.give_back("taken", HOME)
    assert await wait_of(limits.take("taken", HOME)) == 0
    assert await wait_of(limits.take("taken", HOME)) > 0
    await limits.give_back("taken", ELSEWHERE)


async def test_parallel_requests_never_exceed_the_limit(redis: RedisClient) -> None:
    two_processes = RouteLimits(redis), RouteLimits(redis)
    taken = [limits.take("resend", HOME) for limits in two_processes for _ in range(LIMITS["resend"].times)]
    assert (await asyncio.gather(*map(wait_of, taken))).count(0) == LIMITS["resend"].times


async def test_keys_of_requests_end_and_tell_no_network(limits: RouteLimits, redis: RedisClient) -> None:
    for subject in (HOME, ELSEWHERE, ""):
        await limits.take("register", subject)
    for key in await keys_of(redis):
        assert key.startswith("throttle:requests:{")
        assert HOME not in key
        assert 0 < await redis.pttl(key) <= LIMITS["register"].seconds * 1000


async def test_one_request_is_one_round_trip(limits: RouteLimits, deployment: Deployment) -> None:
    await limits.take("acts", HOME)
    sent, _ = await commands_of(deployment, limits.take("acts", HOME))
    assert sent == ["EVALSHA"]
