"""A pool that gives at once what is at hand, within the same bounds."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis_clients import Echo, echoing_redis

from webapp.redis_connection.pool import QuickPool

MOST = 2


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    async with echoing_redis() as echo:
        yield echo


@pytest.fixture
async def pool(echo: Echo) -> AsyncIterator[QuickPool]:
    pool = QuickPool.from_url(echo.url, max_connections=MOST, timeout=0.2)
    yield pool
    await pool.aclose()


async def test_no_more_are_given_than_are_allowed_and_everybody_has_his_turn(pool: QuickPool):
    used, most = 0, 0

    async def use() -> None:
        nonlocal used, most
        connection = await pool.get_connection()
        used += 1
        most = max(most, used)
        await asyncio.sleep(0)
        used -= 1
        await pool.release(connection)

    await asyncio.gather(*(use() for _ in range(20)))

    assert (used, most) == (0, MOST)


async def test_whoever_waits_for_too_long_is_told(pool: QuickPool):
    for _ in range(MOST):
        await pool.get_connection()

    with pytest.raises(RedisConnectionError):
        await pool.get_connection()


async def test_connection_that_cannot_be_made_is_given_back(pool: QuickPool, echo: Echo):
    pool.connection_kwargs["port"] = 1

    for _ in range(MOST + 1):
        with pytest.raises(RedisConnectionError) as told:
            await pool.get_connection()
        assert "No connection available" not in str(told.value)


async def test_pool_that_is_being_rewritten_is_waited_for(pool: QuickPool):
    """redis-py does that under its lock, while a hosted Redis moves."""
    pool.set_in_maintenance(in_maintenance=True)
    async with pool._lock:
        asked = asyncio.ensure_future(pool.get_connection())
        await asyncio.sleep(0.1)
        assert not asked.done()

    await pool.release(await asked)
