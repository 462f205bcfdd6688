"""A history on each of the two databases, and somebody whose it is."""

import pytest
from account_world import credentials, put
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.history import History


@pytest.fixture
def history(engine: AsyncEngine) -> History:
    """Give an empty history."""
    return History(engine)


@pytest.fixture
async def ada(engine: AsyncEngine) -> str:
    """Give the id of an account."""
    someone = credentials()
    await put(engine, someone)
    return someone.account.id
