"""A Redis on which two versions work side by side."""

from collections.abc import AsyncIterator

import pytest
from compatibility.first_form import FirstWorld
from compatibility.version_1.sessions import VersionOne
from redis.asyncio import Redis
from session_world import World

from webapp.sessions.model import AccountSnapshot


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """Connect to an empty Redis."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
def world(redis: Redis) -> World:
    """Give the version of today, while that before it may run."""
    return FirstWorld(redis)


@pytest.fixture
def ada(world: World) -> AccountSnapshot:
    """Register Ada."""
    return world.person()


@pytest.fixture
def old(redis: Redis) -> VersionOne:
    """Give the version before, on the same Redis."""
    return VersionOne(redis)


@pytest.fixture
def before(redis: Redis, world: World) -> FirstWorld:
    """Give a process of today within the hour."""
    return FirstWorld(redis, accounts=world.accounts)


@pytest.fixture
def after(redis: Redis, world: World) -> World:
    """Give a process of today after the hour."""
    return World(redis, accounts=world.accounts)
