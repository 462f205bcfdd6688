"""A world of sessions, opened as production opens it."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from session_world import World

from webapp.redis_connection import open_redis
from webapp.sessions.model import AccountSnapshot
from webapp.settings import Settings


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """Connect to an empty Redis with everything that production sets."""
    settings = Settings.from_env({"SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "REDIS_URL": redis_url})
    client = open_redis(settings)
    assert isinstance(client, Redis)
    yield client
    await client.aclose()


@pytest.fixture
def world(redis: Redis) -> World:
    """Give the service on that Redis."""
    return World(redis)


@pytest.fixture
def ada(world: World) -> AccountSnapshot:
    """Register Ada."""
    return world.person()
