"""An empty outbox on each of the two databases, and its clock."""

from collections.abc import AsyncIterator

import pytest
from outbox.world import Clock, Lines, logged
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import open_engine
from webapp.outbox import Outbox


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture
def outbox(engine: AsyncEngine, clock: Clock) -> Outbox:
    """Give an empty outbox."""
    return Outbox(engine, clock)


@pytest.fixture
async def other(database_url: str, clock: Clock) -> AsyncIterator[Outbox]:
    """Give the same outbox as another process has it."""
    engine = open_engine(database_url)
    yield Outbox(engine, clock)
    await engine.dispose()


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    """Give what the outbox logs."""
    with logged() as lines:
        yield lines
