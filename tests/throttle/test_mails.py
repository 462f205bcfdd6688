"""The limit for mails on a real Redis."""

import asyncio

import pytest
from asgi_calls import settings
from redis_forms import Deployment, full
from redis_watch import commands_of
from throttle.waits import keys_of, pass_time, timed, wait_of

from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient, open_redis
from webapp.shielding import settle
from webapp.throttle import MailLimit
from webapp.throttle.mails import DAY, HOUR, OTHERWISE, USUAL

PAUSE, DAILY = USUAL.pause, USUAL.times

EMAIL = "ada@example.test"
RESET = "reset"
# No more at once than Redis answers in time on a busy machine, and more than there are connections.
BATCH = 50


@pytest.fixture
def mails(redis: RedisClient) -> MailLimit:
    return MailLimit(redis)


async def test_second_mail_waits_two_minutes(mails: MailLimit, redis: RedisClient) -> None:
    first = await timed(mails.take(RESET, EMAIL))
    assert first.wait == 0
    assert (await timed(mails.take(RESET, EMAIL))).is_right(PAUSE, first)
    await pass_time(redis, PAUSE - 60)
    assert (await timed(mails.take(RESET, EMAIL))).is_right(60, first)
    await pass_time(redis, 60)
    assert await wait_of(mails.take(RESET, EMAIL)) == 0
    assert await wait_of(mails.take(RESET, EMAIL)) > 0


async def test_sixth_mail_waits_until_the_first_is_a_day_old(mails: MailLimit, redis: RedisClient) -> None:
    for _ in range(DAILY):
        assert await wait_of(mails.take(RESET, EMAIL)) == 0
        await pass_time(redis, PAUSE)
    left = DAY - DAILY * PAUSE
    assert left - 60 < await wait_of(mails.take(RESET, EMAIL)) <= left
    await pass_time(redis, left)
    assert await wait_of(mails.take(RESET, EMAIL)) == 0
    await pass_time(redis, PAUSE)
    assert await wait_of(mails.take(RESET, EMAIL)) == 0


@pytest.mark.parametrize("purpose", OTHERWISE)
async def test_what_is_counted_otherwise_goes_at_any_pace_until_there_are_enough(
    mails: MailLimit, purpose: str
) -> None:
    allowed = OTHERWISE[purpose]
    waits = [await wait_of(mails.take(purpose, EMAIL)) for _ in range(allowed.times + 1)]
    assert waits[:-1] == [0] * allowed.times
    assert 0 < waits[-1] <= allowed.seconds


async def test_key_of_a_purpose_is_gone_when_its_time_has_passed(mails: MailLimit, redis: RedisClient) -> None:
    await mails.take("reset-from", "192.0.2.1")
    (key,) = await keys_of(redis)
    assert 0 < await redis.ttl(key) <= HOUR


async def test_mail_that_is_given_back_may_be_sent_after_all(mails: MailLimit) -> None:
    purpose = "new-sign-in"
    for _ in range(OTHERWISE[purpose].times):
        assert await wait_of(mails.take(purpose, EMAIL)) == 0
    for other in ((purpose, "bob@example.test"), ("two-places", EMAIL)):
        await mails.give_back(*other)
    assert await wait_of(mails.take(purpose, EMAIL)) > 0
    await mails.give_back(purpose, EMAIL)
    assert await wait_of(mails.take(purpose, EMAIL)) == 0
    assert await wait_of(mails.take(purpose, EMAIL)) > 0


async def test_ten_thousand_at_once_are_one_mail(redis: RedisClient) -> None:
    two_processes = MailLimit(redis), MailLimit(redis)
    waits: list[int] = []
    for _ in range(10_000 // BATCH):
        takes = [mails.take(RESET, EMAIL) for mails in two_processes * (BATCH // 2)]
        waits += await asyncio.gather(*map(wait_of, takes))
    assert len(waits) == 10_000
    assert waits.count(0) == 1


async def test_refused_mails_make_no_wait_longer(mails: MailLimit, redis: RedisClient) -> None:
    assert await wait_of(mails.take(RESET, EMAIL)) == 0
    for _ in range(2 * DAILY):
        assert 0 < await wait_of(mails.take(RESET, EMAIL)) <= PAUSE
    (key,) = await keys_of(redis)
    assert await redis.llen(key) == 1


async def test_other_addresses_and_other_purposes_are_counted_apart(mails: MailLimit) -> None:
    assert await wait_of(mails.take(RESET, EMAIL)) == 0
    assert await wait_of(mails.take("confirm", EMAIL)) == 0
    assert await wait_of(mails.take(RESET, "bob@example.test")) == 0
    assert await wait_of(mails.take(RESET, EMAIL)) > 0


async def test_mail_of_a_caller_that_hangs_up_is_counted(mails: MailLimit) -> None:
    taking = asyncio.ensure_future(mails.take(RESET, EMAIL))
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await settle()
    assert await wait_of(mails.take(RESET, EMAIL)) > 0


async def test_key_tells_no_email_ends_after_a_day_and_never_outgrows_the_limit(
    mails: MailLimit, redis: RedisClient
) -> None:
    for _ in range(2 * DAILY):
        await wait_of(mails.take(RESET, EMAIL))
        await pass_time(redis, DAY // 3)
    (key,) = await keys_of(redis)
    assert EMAIL not in key
    assert key.startswith("throttle:mails:{")
    assert await redis.llen(key) <= DAILY
    assert 0 < await redis.pttl(key) <= DAY * 1000


async def test_one_mail_is_one_round_trip(mails: MailLimit, deployment: Deployment) -> None:
    await wait_of(mails.take(RESET, EMAIL))
    sent, inside = await commands_of(deployment, mails.take("confirm", EMAIL))
    assert sent == ["EVALSHA"]
    assert inside == ["TIME", *["LINDEX"] * 2, "LPUSH", "LTRIM", "PEXPIRE"]


async def test_limit_survives_a_redis_that_forgot_the_script(mails: MailLimit, redis: RedisClient) -> None:
    assert await wait_of(mails.take(RESET, EMAIL)) == 0
    await redis.script_flush()
    assert await wait_of(mails.take(RESET, EMAIL)) > 0


async def test_full_redis_is_told_as_unavailable(mails: MailLimit, deployment: Deployment) -> None:
    with full(deployment), pytest.raises(StoreUnavailable):
        await mails.take(RESET, EMAIL)


async def test_missing_redis_is_told_as_unavailable() -> None:
    async with open_redis(settings(REDIS_URL="unix:///nowhere/redis.sock")) as missing:
        with pytest.raises(StoreUnavailable):
            await MailLimit(missing).take(RESET, EMAIL)
