"""A world of sessions, opened as production opens it."""

import pytest
from session_world import World

from webapp.redis_connection import RedisClient
from webapp.sessions.model import AccountSnapshot


@pytest.fixture
def world(redis: RedisClient) -> World:
    """Give the service on that Redis."""
    return World(redis)


@pytest.fixture
def ada(world: World) -> AccountSnapshot:
    """Register Ada."""
    return world.person()
