"""Answers that take the same time whatever was found, so that nobody can tell by a clock what that was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic


@asynccontextmanager
async def no_sooner_than(
    seconds: float,
    clock: Callable[[], float] = monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[None]:
    """Let the block within end no sooner than ``seconds`` after it began, by success or by an exception.

    What takes longer is told by that; so ``seconds`` has to be well above what the work takes.
    """
    end = clock() + seconds
    try:
        yield
    finally:
        if (left := end - clock()) > 0:
            await sleep(left)
