"""Open pages, on a clock that tests move."""

from collections.abc import AsyncIterator

import pytest
from streams.clock import Clock
from streams.open_pages import OpenPages


@pytest.fixture
async def pages() -> AsyncIterator[OpenPages]:
    """Open pages; all are closed at the end."""
    opened = OpenPages(Clock())
    yield opened
    await opened.close()
