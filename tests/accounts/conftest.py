"""A store and a service on each of the two databases, and a gate that holds costly work."""

from collections.abc import Iterator

import pytest
from account_life import confirmed
from account_world import World, open_world
from gate import Gate
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import Browsers
from webapp.accounts.model import Account
from webapp.accounts.store import AccountStore


@pytest.fixture
def store(engine: AsyncEngine) -> AccountStore:
    """Give a store without accounts."""
    return AccountStore(engine)


@pytest.fixture
def world(engine: AsyncEngine) -> World:
    """Give a service without accounts."""
    return open_world(engine)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Give a closed gate; at the end of the test no work is left behind it."""
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def browsers(engine: AsyncEngine) -> Browsers:
    """Give what is known of browsers: nothing yet."""
    return Browsers(engine)


@pytest.fixture
async def ada(world: World) -> Account:
    """Give an account whose email is proven."""
    return await confirmed(world)


@pytest.fixture
async def bob(world: World) -> Account:
    """Give another one, whose email is not."""
    return await world.register("bob@example.com")
