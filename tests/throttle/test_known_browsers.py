"""Guessing never keeps the owner out, and ends: known browsers, failures in a row, and the whole site."""

import pytest
from throttle.waits import keys_of, pass_time, timed, wait_of

from webapp.errors import NewBrowsersRefused, TooManyTries
from webapp.redis_connection import RedisClient
from webapp.setting_values import Rate
from webapp.throttle import SignInAttempts
from webapp.throttle.attempts import FAILURES, MOST_STEPS, NETWORK_FACTOR, SITE_FACTOR, SITE_KEY, STEP

EMAIL, BOB = "ada@example.test", "bob@example.test"
HOME = "192.0.2.1"
BROWSER, ANOTHER = "a browser", "another browser"
RATE = Rate(times=3, seconds=900)


@pytest.fixture
def attempts(redis: RedisClient) -> SignInAttempts:
    return SignInAttempts(redis, RATE)


async def fail(attempts: SignInAttempts, times: int, email: str = EMAIL) -> list[int]:
    """Fail in as many networks."""
    return [await attempts.take(email, f"2001:db8:{number:x}::/64") for number in range(times)]


async def refusal_of(attempts: SignInAttempts, email: str = EMAIL) -> TooManyTries:
    with pytest.raises(TooManyTries) as refused:
        await attempts.take(email, HOME)
    return refused.value


async def test_guessing_from_a_thousand_addresses_keeps_no_known_browser_out(attempts: SignInAttempts) -> None:
    for number in range(1000):
        network = f"198.51.{number // 250}.{number % 250}"
        for _ in range(RATE.times + 1):
            await wait_of(attempts.take(EMAIL, network))
    await refusal_of(attempts)
    for _ in range(RATE.times):
        assert await attempts.take(EMAIL, "198.51.0.1", BROWSER) == 0


async def test_neither_its_network_nor_the_whole_site_keeps_a_known_browser_out(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    for number in range(RATE.times * SITE_FACTOR):
        await attempts.take(f"{number}@example.test", f"198.51.{number // 250}.{number % 250}")
    assert await wait_of(attempts.take("new@example.test", HOME)) > 0
    for _ in range(RATE.times):
        await attempts.take(EMAIL, "198.51.0.0", BROWSER)
    assert await redis.llen(SITE_KEY) == RATE.times * SITE_FACTOR


async def test_known_browser_has_a_limit_of_its_own_for_each_account(attempts: SignInAttempts) -> None:
    first = await timed(attempts.take(EMAIL, HOME, BROWSER))
    for _ in range(RATE.times - 1):
        await attempts.take(EMAIL, HOME, BROWSER)
    # Wherever it goes.
    assert (await timed(attempts.take(EMAIL, "198.51.100.1", BROWSER))).is_right(RATE.seconds, first)
    await attempts.take(EMAIL, HOME, ANOTHER)
    await attempts.take(BOB, HOME, BROWSER)
    await attempts.take(EMAIL, HOME)


async def test_right_password_gives_a_known_browser_its_tries_back_and_others_nothing(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    await attempts.take(BOB, HOME)
    for browser in (BROWSER, ANOTHER):
        for _ in range(RATE.times):
            await attempts.take(EMAIL, HOME, browser)
    await attempts.clear(EMAIL, HOME, BROWSER)
    for _ in range(RATE.times):
        await attempts.take(EMAIL, HOME, BROWSER)
    assert await wait_of(attempts.take(EMAIL, HOME, ANOTHER)) > 0
    assert await redis.llen(SITE_KEY) == 1


async def test_hundred_failures_in_a_row_keep_new_browsers_out_for_thirty_days(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    assert await fail(attempts, FAILURES) == list(range(1, FAILURES + 1))
    for passed in (0, 29 * STEP):
        await pass_time(redis, passed)
        refused = await refusal_of(attempts)
        assert isinstance(refused, NewBrowsersRefused)
        assert MOST_STEPS * STEP - passed - 60 < refused.wait <= MOST_STEPS * STEP - passed
        assert await attempts.take(EMAIL, HOME, BROWSER) == 0
        assert await attempts.take(BOB, HOME) > 0
    await pass_time(redis, STEP)
    assert await attempts.take(EMAIL, HOME) == 1


async def test_failures_in_a_row_are_no_window(attempts: SignInAttempts, redis: RedisClient) -> None:
    for day in range(1, 10):
        assert await attempts.take(EMAIL, HOME) == day
        await pass_time(redis, day * STEP - 60)


async def test_row_is_over_when_as_many_days_have_passed_as_it_has_failures(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    for failures in (1, 2, 5, 29, 30, 31):
        await redis.flushall()
        await fail(attempts, failures)
        await pass_time(redis, min(failures, MOST_STEPS) * STEP)
        assert await attempts.take(EMAIL, HOME) == 1


@pytest.mark.parametrize("known", ["", BROWSER])
async def test_right_password_ends_the_row_of_failures(attempts: SignInAttempts, known: str) -> None:
    await fail(attempts, FAILURES - 1)
    await attempts.take(EMAIL, HOME, known)
    await attempts.clear(EMAIL, HOME, known)
    assert await attempts.take(EMAIL, HOME) == 1


async def test_right_password_from_a_known_browser_lets_new_ones_in_again(attempts: SignInAttempts) -> None:
    await fail(attempts, FAILURES)
    await attempts.take(EMAIL, HOME, BROWSER)
    await attempts.clear(EMAIL, HOME, BROWSER)
    assert await attempts.take(EMAIL, HOME) == 1


async def test_new_password_by_mail_lets_new_browsers_in_again(attempts: SignInAttempts) -> None:
    await fail(attempts, FAILURES)
    await fail(attempts, FAILURES, BOB)
    await attempts.forgive(EMAIL)
    assert await attempts.take(EMAIL, HOME) == 1
    assert isinstance(await refusal_of(attempts, BOB), NewBrowsersRefused)


async def test_refused_browser_costs_nobody_anything_and_waits_no_longer(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    await fail(attempts, FAILURES)
    before = {key: await redis.dump(key) for key in await keys_of(redis)}
    for _ in range(10):
        await refusal_of(attempts)
    assert {key: await redis.dump(key) for key in await keys_of(redis)} == before


async def test_spraying_from_many_networks_meets_the_limit_of_the_site(attempts: SignInAttempts) -> None:
    tries = 0
    for network in range(2 * SITE_FACTOR):
        for number in range(RATE.times * NETWORK_FACTOR):
            if await wait_of(
                attempts.take(f"{network}.{number}@example.test", f"198.51.{network // 250}.{network % 250}")
            ):
                assert tries == RATE.times * SITE_FACTOR
                return
            tries += 1
    raise AssertionError(tries)
