"""The sign-in limit on a real Redis."""

import asyncio

import pytest
from asgi_calls import settings
from redis.crc import key_slot
from redis_forms import Deployment, full
from redis_watch import commands_of
from throttle.waits import keys_of, pass_time, timed, wait_of

from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient, open_redis
from webapp.setting_values import Rate
from webapp.shielding import settle
from webapp.throttle import SignInAttempts
from webapp.throttle.attempts import NETWORK_FACTOR, SITE_KEY, STEP

EMAIL = "ada@example.test"
HOME = "192.0.2.1"
ELSEWHERE = "2001:db8::/64"
BROWSER, ANOTHER = "a browser", "another browser"
NETWORK_KEY = f"throttle:{{tries}}:network:{HOME}"
RATE = Rate(times=3, seconds=900)


@pytest.fixture
def attempts(redis: RedisClient) -> SignInAttempts:
    return SignInAttempts(redis, RATE)


async def use_up(attempts: SignInAttempts, email: str = EMAIL, network: str = HOME) -> None:
    for _ in range(RATE.times):
        await attempts.take(email, network)


async def test_tries_above_the_limit_are_refused_with_the_wait(attempts: SignInAttempts) -> None:
    first = await timed(attempts.take(EMAIL, HOME))
    for _ in range(RATE.times - 1):
        await attempts.take(EMAIL, HOME)
    assert (await timed(attempts.take(EMAIL, HOME))).is_right(RATE.seconds, first)


async def test_try_is_allowed_again_when_the_oldest_has_left_the_window(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    first = await timed(attempts.take(EMAIL, HOME))
    await pass_time(redis, 600)
    second = await timed(attempts.take(EMAIL, HOME))
    await attempts.take(EMAIL, HOME)
    assert (await timed(attempts.take(EMAIL, HOME))).is_right(300, first)
    await pass_time(redis, 300)
    assert await wait_of(attempts.take(EMAIL, HOME)) == 0
    assert (await timed(attempts.take(EMAIL, HOME))).is_right(600, second)


async def test_refused_tries_do_not_lengthen_the_wait(attempts: SignInAttempts, redis: RedisClient) -> None:
    first = await timed(attempts.take(EMAIL, HOME))
    for _ in range(RATE.times - 1):
        await attempts.take(EMAIL, HOME)
    for passed in range(0, RATE.seconds, 300):
        assert (await timed(attempts.take(EMAIL, HOME))).is_right(RATE.seconds - passed, first)
        await pass_time(redis, 300)
    await attempts.take(EMAIL, HOME)


async def test_other_account_and_other_network_are_not_touched(attempts: SignInAttempts) -> None:
    await use_up(attempts)
    await attempts.take("bob@example.test", HOME)
    await attempts.take(EMAIL, ELSEWHERE)
    await attempts.take(EMAIL, "")


async def test_unknown_network_is_limited_like_any_other(attempts: SignInAttempts) -> None:
    await use_up(attempts, network="")
    assert await wait_of(attempts.take(EMAIL, "")) > 0


async def test_success_gives_the_account_all_its_tries_back(attempts: SignInAttempts) -> None:
    await use_up(attempts)
    await attempts.clear(EMAIL, HOME)
    await use_up(attempts)
    assert await wait_of(attempts.take(EMAIL, HOME)) > 0


async def test_success_gives_network_and_site_one_try_back(attempts: SignInAttempts, redis: RedisClient) -> None:
    await use_up(attempts)
    await attempts.clear(EMAIL, HOME)
    assert await redis.llen(NETWORK_KEY) == RATE.times - 1
    assert await redis.llen(SITE_KEY) == RATE.times - 1


async def test_spraying_over_many_accounts_meets_the_limit_of_the_network(attempts: SignInAttempts) -> None:
    width = RATE.times * NETWORK_FACTOR
    for number in range(width):
        await attempts.take(f"{number}@example.test", HOME)
    assert await wait_of(attempts.take("one.more@example.test", HOME)) > 0
    await attempts.take("one.more@example.test", ELSEWHERE)


async def test_refusal_by_the_network_costs_the_account_nothing(attempts: SignInAttempts, redis: RedisClient) -> None:
    for number in range(RATE.times * NETWORK_FACTOR):
        await attempts.take(f"{number}@example.test", HOME)
    before = await keys_of(redis)
    assert await wait_of(attempts.take(EMAIL, HOME)) > 0
    assert sorted(await keys_of(redis)) == sorted(before)


async def test_refusal_by_the_account_costs_network_and_site_nothing(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    await use_up(attempts)
    for _ in range(5):
        assert await wait_of(attempts.take(EMAIL, HOME)) > 0
    assert await redis.llen(NETWORK_KEY) == RATE.times
    assert await redis.llen(SITE_KEY) == RATE.times


async def test_own_account_does_not_buy_an_attacker_more_guesses(attempts: SignInAttempts) -> None:
    guesses = 0
    while not await wait_of(attempts.take(f"victim.{guesses}@example.test", HOME)):
        guesses += 1
        if not await wait_of(attempts.take("attacker@example.test", HOME)):
            await attempts.clear("attacker@example.test", HOME)
    assert guesses == RATE.times * NETWORK_FACTOR


async def test_successful_sign_ins_leave_the_network_free(attempts: SignInAttempts) -> None:
    for number in range(2 * RATE.times * NETWORK_FACTOR):
        await attempts.take(f"{number}@example.test", HOME)
        await attempts.clear(f"{number}@example.test", HOME)


async def test_success_after_the_window_is_harmless(attempts: SignInAttempts) -> None:
    await attempts.clear(EMAIL, HOME)


async def test_parallel_guesses_never_exceed_the_limit(redis: RedisClient) -> None:
    two_processes = SignInAttempts(redis, RATE), SignInAttempts(redis, RATE)
    for number in range(20):
        guesses = [attempts.take(f"{number}@example.test", f"192.0.2.{number}") for attempts in two_processes * 10]
        waits = await asyncio.gather(*map(wait_of, guesses))
        assert waits.count(0) == RATE.times


async def test_try_of_a_caller_that_hangs_up_is_counted(attempts: SignInAttempts) -> None:
    for _ in range(RATE.times):
        taking = asyncio.ensure_future(attempts.take(EMAIL, HOME))
        await asyncio.sleep(0)
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
    await settle()
    assert await wait_of(attempts.take(EMAIL, HOME)) > 0


async def test_clock_that_was_put_back_makes_no_wait_longer_than_the_window(
    attempts: SignInAttempts, redis: RedisClient
) -> None:
    for known in ("", BROWSER):
        for _ in range(RATE.times):
            await attempts.take(EMAIL, HOME, known)
    await pass_time(redis, -86400)
    for known in ("", BROWSER):
        assert await wait_of(attempts.take(EMAIL, HOME, known)) == RATE.seconds


async def test_keys_lie_in_one_slot_end_and_tell_no_email(attempts: SignInAttempts, redis: RedisClient) -> None:
    for network in (HOME, ELSEWHERE, ""):
        await redis.flushall()
        await attempts.take(EMAIL, network)
        keys = await keys_of(redis)
        assert len(keys) == 4
        await attempts.take(EMAIL, network, BROWSER)
        keys = await keys_of(redis)
        assert len(keys) == 5
        assert len({key_slot(key.encode()) for key in keys}) == 1
        for key in keys:
            assert key.startswith("throttle:{tries}:")
            assert EMAIL not in key
            assert 0 < await redis.pttl(key) <= 1000 * (STEP if ":failures:" in key else RATE.seconds)


async def test_lists_never_outgrow_their_limits(attempts: SignInAttempts, redis: RedisClient) -> None:
    for _ in range(2 * NETWORK_FACTOR):
        await use_up(attempts)
        await pass_time(redis, RATE.seconds)
    assert await redis.llen(NETWORK_KEY) == RATE.times * NETWORK_FACTOR
    lists = [key for key in await keys_of(redis) if ":pair:" in key]
    assert [await redis.llen(key) for key in lists] == [RATE.times]


async def test_one_try_is_one_round_trip(attempts: SignInAttempts, deployment: Deployment) -> None:
    await attempts.take(EMAIL, HOME)
    sent, inside = await commands_of(deployment, attempts.take(EMAIL, HOME))
    assert sent == ["EVALSHA"]
    assert inside == ["TIME", "GET", *["LINDEX"] * 3, *["LPUSH", "LTRIM", "PEXPIRE"] * 3, "INCR", "EXPIRE"]
    await attempts.take(EMAIL, HOME, BROWSER)
    sent, inside = await commands_of(deployment, attempts.take(EMAIL, HOME, BROWSER))
    assert sent == ["EVALSHA"]
    assert inside == ["TIME", "LINDEX", "LPUSH", "LTRIM", "PEXPIRE"]


async def test_limit_survives_a_redis_that_forgot_the_script(attempts: SignInAttempts, redis: RedisClient) -> None:
    await use_up(attempts)
    await redis.script_flush()
    assert await wait_of(attempts.take(EMAIL, HOME)) > 0


async def test_full_redis_is_told_as_unavailable(attempts: SignInAttempts, deployment: Deployment) -> None:
    with full(deployment), pytest.raises(StoreUnavailable):
        await attempts.take(EMAIL, HOME)


async def test_missing_redis_is_told_as_unavailable() -> None:
    async with open_redis(settings(REDIS_URL="unix:///nowhere/redis.sock")) as missing:
        attempts = SignInAttempts(missing, RATE)
        with pytest.raises(StoreUnavailable):
            await attempts.take(EMAIL, HOME)
        with pytest.raises(StoreUnavailable):
            await attempts.clear(EMAIL, HOME)
        with pytest.raises(StoreUnavailable):
            await attempts.forgive(EMAIL)
