"""Stages: the application in real processes, gone when the test is."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest
from server.staging import Stage

SetUp = Callable[..., Stage]
Serve = Callable[..., Awaitable[Stage]]


@pytest.fixture
def set_up(tmp_path: Path) -> Iterator[SetUp]:
    """Start the application, whatever becomes of it."""
    with ExitStack() as stages:

        def start(**plan: Any) -> Stage:
            stage = Stage(tmp_path, **plan)
            stages.callback(stage.clean_up)
            return stage

        yield start


@pytest.fixture
async def serve(set_up: SetUp) -> AsyncIterator[Serve]:
    """Start the application and wait until all its processes serve."""
    async with AsyncExitStack() as stages:

        async def start(**plan: Any) -> Stage:
            stage = set_up(**plan)
            stages.push_async_callback(stage.hang_up)
            await stage.ready()
            return stage

        yield start
