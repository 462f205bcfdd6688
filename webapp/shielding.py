"""What was begun is finished.

Quart cancels a handler when its browser hangs up, at whatever ``await`` it stands. A write that is
cancelled half way may be applied or not, and its second half never comes. So every write of sessions and accounts
runs in a task of its own: the caller may go, the work goes on.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextvars import Context
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

# The event loop keeps only weak references to tasks; without this set an abandoned one could be collected half way.
_running: set[asyncio.Future[Any]] = set()


def shielded(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let ``function`` run to its end although the one who awaits it is cancelled."""

    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.create_task(function(*args, **kwargs))
        _running.add(task)
        task.add_done_callback(_finished)
        return await asyncio.shield(task)

    return run


def in_background(work: Coroutine[Any, Any, None]) -> None:
    """Begin what nobody waits for, and let it come to its end before the server stops."""
    # In a context of its own: the patience of the request that began it may be over before it has asked for anything.
    task = asyncio.create_task(work, context=Context())
    _running.add(task)
    task.add_done_callback(_finished)


async def settle() -> None:
    """Wait for the writes that are still under way; called once, when the server stops."""
    while _running:
        await asyncio.wait(set(_running))


def _finished(task: asyncio.Future[Any]) -> None:
    _running.discard(task)
    # Reading the exception here keeps asyncio from complaining about an abandoned task whose caller has gone.
    if not task.cancelled() and (error := task.exception()) is not None:
        log.debug("A shielded write ended with %r.", error)
