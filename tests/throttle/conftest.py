"""A Redis client, opened as production opens it."""

from collections.abc import AsyncIterator

import pytest
from asgi_calls import settings
from redis_forms import Deployment

from webapp.redis_connection import RedisClient, open_redis


@pytest.fixture
async def redis(deployment: Deployment) -> AsyncIterator[RedisClient]:
    """Connect to an empty Redis with everything that production sets."""
    client = open_redis(settings(REDIS_URL=deployment.url, **deployment.variables))
    yield client
    await client.aclose()
