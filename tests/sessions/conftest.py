"""A world of sessions, opened as production opens it."""

from collections.abc import AsyncIterator

import pytest
from asgi_calls import settings
from redis_forms import Deployment
from session_world import World

from webapp.redis_connection import RedisClient, open_redis
from webapp.sessions.model import AccountSnapshot


@pytest.fixture
async def redis(deployment: Deployment) -> AsyncIterator[RedisClient]:
    """Connect to an empty Redis with everything that production sets."""
    client = open_redis(settings(REDIS_URL=deployment.url, **deployment.variables))
    yield client
    await client.aclose()


@pytest.fixture
def world(redis: RedisClient) -> World:
    """Give the service on that Redis."""
    return World(redis)


@pytest.fixture
def ada(world: World) -> AccountSnapshot:
    """Register Ada."""
    return world.person()
