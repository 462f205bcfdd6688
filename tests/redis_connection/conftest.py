from collections.abc import Iterator

import pytest
from redis_connection.own import Own


@pytest.fixture
def own() -> Iterator[Own]:
    """Start servers for this test alone."""
    with Own() as own:
        yield own
