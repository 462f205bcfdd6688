"""Who knows a password cannot sign in without end: each time writes something that stays."""

import asyncio

import pytest
from throttle.waits import keys_of, pass_time, timed, wait_of

from webapp.errors import TooManyTries
from webapp.redis_connection import RedisClient
from webapp.setting_values import Rate
from webapp.throttle import SignInAttempts
from webapp.throttle.attempts import FAILURES, MOST_STEPS, RIGHT_FACTOR, RIGHT_SECONDS, STEP

EMAIL, BOB = "ada@example.test", "bob@example.test"
HOME = "192.0.2.1"
BROWSER, ANOTHER = "a browser", "another browser"
RATE = Rate(times=3, seconds=900)
MOST = RATE.times * RIGHT_FACTOR


@pytest.fixture
def attempts(redis: RedisClient) -> SignInAttempts:
    return SignInAttempts(redis, RATE)


async def get_in(attempts: SignInAttempts, number: int, known: str = "", email: str = EMAIL) -> None:
    """Give the right password, each time in another network."""
    network = f"198.51.100.{number}"
    await attempts.take(email, network, known)
    await attempts.clear(email, network, known)


async def get_in_as_often_as_one_may(attempts: SignInAttempts, known: str = "") -> None:
    for number in range(MOST):
        await get_in(attempts, number, known)


def test_usual_limit_is_sixty_an_hour() -> None:
    assert (5 * RIGHT_FACTOR, RIGHT_SECONDS) == (60, 3600)


@pytest.mark.parametrize("known", ["", BROWSER])
async def test_right_passwords_above_their_limit_are_refused_with_the_wait(
    attempts: SignInAttempts, redis: RedisClient, known: str
) -> None:
    first = await timed(get_in(attempts, 0, known))
    for number in range(1, MOST):
        await get_in(attempts, number, known)
    assert (await timed(get_in(attempts, MOST, known))).is_right(RIGHT_SECONDS, first)
    await pass_time(redis, RIGHT_SECONDS)
    assert await wait_of(get_in(attempts, MOST, known)) == 0


async def test_thief_who_signs_in_without_end_keeps_no_known_browser_and_no_other_account_out(
    attempts: SignInAttempts,
) -> None:
    await get_in_as_often_as_one_may(attempts)
    await get_in_as_often_as_one_may(attempts, ANOTHER)
    for known in ("", ANOTHER):
        assert await wait_of(get_in(attempts, MOST, known)) > 0
    await get_in(attempts, MOST + 1, BROWSER)
    await get_in(attempts, MOST + 1, email=BOB)


async def test_new_password_by_mail_lets_new_browsers_in_at_once(attempts: SignInAttempts) -> None:
    await get_in_as_often_as_one_may(attempts)
    await attempts.forgive(EMAIL)
    await get_in(attempts, MOST)


async def test_refused_right_password_gives_no_try_back_and_is_no_failure_in_a_row(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    await get_in_as_often_as_one_may(attempts)
    for _ in range(RATE.times):
        await attempts.take(EMAIL, HOME)
        assert await wait_of(attempts.clear(EMAIL, HOME)) > 0
    assert await wait_of(attempts.take(EMAIL, HOME)) > 0
    assert [key for key in await keys_of(redis) if ":failures:" in key] == []


async def test_parallel_right_passwords_never_exceed_the_limit(redis: RedisClient) -> None:
    two_processes = SignInAttempts(redis, RATE), SignInAttempts(redis, RATE)
    clearing = [wait_of(attempts.clear(EMAIL, HOME)) for attempts in two_processes for _ in range(MOST)]
    assert (await asyncio.gather(*clearing)).count(0) == MOST


async def test_clock_that_was_put_back_makes_no_wait_longer(attempts: SignInAttempts, redis: RedisClient) -> None:
    await get_in_as_often_as_one_may(attempts)
    await pass_time(redis, -86400)
    assert await wait_of(get_in(attempts, MOST)) == RIGHT_SECONDS


async def test_row_of_failures_never_lasts_longer_than_it_may(attempts: SignInAttempts, redis: RedisClient) -> None:
    for number in range(FAILURES):
        await attempts.take(EMAIL, f"2001:db8:{number:x}::/64")
    await pass_time(redis, -STEP)
    with pytest.raises(TooManyTries) as refused:
        await attempts.take(EMAIL, HOME)
    assert refused.value.wait == MOST_STEPS * STEP


async def test_keys_of_right_passwords_end_and_tell_nobody(attempts: SignInAttempts, redis: RedisClient) -> None:
    await get_in(attempts, 0)
    await get_in(attempts, 0, BROWSER)
    keys = [key for key in await keys_of(redis) if ":right:" in key]
    assert len(keys) == 2
    for key in keys:
        assert key.startswith("throttle:{tries}:")
        assert EMAIL not in key
        assert BROWSER not in key
        assert 0 < await redis.pttl(key) <= RIGHT_SECONDS * 1000
