"""A Redis that says nothing: who waits for it, for how long, and that nobody waits who need not."""

import asyncio
import time
from contextlib import suppress

import pytest
from own_redis import StandaloneRedis
from redis_clients import forwarding, opened
from redis_connection.own import Own

from webapp import deadline
from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient, silence
from webapp.redis_connection.scripts import Script
from webapp.sessions.store import SessionStore

# A busy machine gets as much time again, and more.
SLACK = 3.0
BACK_WITHIN = 2.0
CONNECTIONS = 5


@pytest.fixture
def server(own: Own) -> StandaloneRedis:
    return own.redis()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls wait no longer than needed for the order of the bounds, of which this is the longest."""
    monkeypatch.setattr(silence, "ANSWER_WITHIN", silence.SILENT_AFTER + 0.5)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let those who ask a silent Redis wait for so long that any machine has answered."""
    monkeypatch.setattr(silence, "ASK_WITHIN", silence.ANSWER_WITHIN)


async def wait_in_vain(redis: RedisClient) -> float:
    """Call once and give the seconds until the caller was told."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await SessionStore(redis).ping()
    return time.monotonic() - begun


async def fall_silent(server: StandaloneRedis, redis: RedisClient) -> None:
    """Freeze a server, and let one caller find out sooner than in production."""
    server.freeze()
    with pytest.MonkeyPatch.context() as shorter:
        shorter.setattr(silence, "ANSWER_WITHIN", 0.5)
        shorter.setattr(silence, "SILENT_AFTER", 0.2)
        await wait_in_vain(redis)


async def test_first_callers_wait_for_the_bound_and_later_ones_hardly(server: StandaloneRedis):
    async with opened(server.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        await redis.ping()
        server.freeze()

        first = await asyncio.gather(*(wait_in_vain(redis) for _ in range(CONNECTIONS)))
        later = await wait_in_vain(redis)
        one, *others = await asyncio.gather(*(wait_in_vain(redis) for _ in range(50)))

        assert silence.ANSWER_WITHIN - 1 < max(first) < silence.ANSWER_WITHIN + SLACK
        assert later < silence.ASK_WITHIN + SLACK
        assert max(others) < one < silence.ANSWER_WITHIN + SLACK


async def test_everybody_is_back_soon_after_redis_is(server: StandaloneRedis):
    async with opened(server.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        await redis.ping()
        server.freeze()
        await asyncio.gather(*(wait_in_vain(redis) for _ in range(2 * CONNECTIONS)))
        # Somebody always asks while it comes back.
        asking = [asyncio.ensure_future(wait_in_vain(redis))]
        await asyncio.sleep(silence.ASK_WITHIN / 2)

        server.thaw()

        begun = time.monotonic()
        await asyncio.gather(*asking, return_exceptions=True)
        await asyncio.gather(*(redis.ping() for _ in range(10 * CONNECTIONS)))
        assert time.monotonic() - begun < BACK_WITHIN + SLACK


async def test_silence_ends_though_connecting_takes_longer_than_the_first_who_asks_may(own: Own):
    server = own.redis(tcp=True)
    async with forwarding(server.port) as door, opened(f"redis://127.0.0.1:{door.port}") as redis:
        await redis.ping()
        await fall_silent(server, redis)
        door.seconds = 1.4 * silence.ASK_WITHIN
        server.thaw()

        await wait_in_vain(redis)
        assert await pings_at_last(redis)


async def pings_at_last(redis: RedisClient) -> bool:
    """Call again and again, each time with as long as the last one or longer; tell whether one was answered."""
    for _ in range(3):
        with suppress(TimeoutError):
            return bool(await redis.ping())
    return False


@pytest.mark.usefixtures("patient")
async def test_one_slow_call_fails_nobody_else(server: StandaloneRedis):
    async with opened(server.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        # A server that is busy for longer than the bound, and well afterwards.
        await fall_silent(server, redis)
        server.thaw()

        assert await asyncio.gather(*(redis.ping() for _ in range(50))) == [True] * 50


@pytest.mark.usefixtures("hurried")
async def test_call_that_waits_while_others_are_answered_means_no_silence(server: StandaloneRedis):
    async with opened(server.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        blocked = asyncio.ensure_future(redis.blpop(["nothing"], timeout=0))
        while not blocked.done():
            await redis.ping()
            await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            await blocked
        server.freeze()

        # Had that call counted as silence, this one would be given silence.ASK_WITHIN alone.
        assert await wait_in_vain(redis) > silence.SILENT_AFTER


@pytest.mark.usefixtures("patient")
async def test_asker_who_hangs_up_hands_over_to_the_next(server: StandaloneRedis):
    async with opened(server.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        await fall_silent(server, redis)
        asker = asyncio.ensure_future(redis.ping())
        await asyncio.sleep(0.05)
        waiting = [asyncio.ensure_future(redis.ping()) for _ in range(5)]
        await asyncio.sleep(0.05)
        asker.cancel()
        server.thaw()

        assert await asyncio.gather(*waiting) == [True] * 5


async def test_request_without_patience_left_asks_nobody(server: StandaloneRedis, monkeypatch: pytest.MonkeyPatch):
    async with opened(server.url) as redis:
        script = Script(redis, "return redis.call('INCR', KEYS[1])")
        monkeypatch.setattr(deadline, "PATIENCE", 0.0)
        deadline.begin()

        with pytest.raises(StoreUnavailable):
            await script(["calls"])

    assert server.cli("EXISTS", "calls") == 0


@pytest.mark.usefixtures("hurried")
async def test_request_with_little_patience_is_told_early_and_proves_no_silence(
    server: StandaloneRedis, monkeypatch: pytest.MonkeyPatch
):
    async with opened(server.url) as redis:
        await redis.ping()
        server.freeze()
        monkeypatch.setattr(deadline, "PATIENCE", 0.3)

        async def request() -> float:
            deadline.begin()
            return await wait_in_vain(redis)

        assert await asyncio.create_task(request()) < silence.SILENT_AFTER
        # Outside of a request the bound is the usual one: nobody took the server for silent.
        assert await wait_in_vain(redis) > silence.SILENT_AFTER
