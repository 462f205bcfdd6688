"""A Redis client, opened as production opens it."""

from collections.abc import AsyncIterator

import pytest
from asgi_calls import settings
from redis.asyncio import Redis

from webapp.redis_connection import open_redis


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """Connect to an empty Redis with everything that production sets."""
    client = open_redis(settings(REDIS_URL=redis_url))
    assert isinstance(client, Redis)
    yield client
    await client.aclose()
