"""A store and a service on each of the two databases, and a gate that holds costly work."""

from collections.abc import Iterator

import pytest
from account_world import World, open_world
from gate import Gate
from sqlalchemy.ext.asyncio import AsyncEngine

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
