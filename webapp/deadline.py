"""How long one request may wait for its stores, all of its calls together.

A sign-in asks Redis, the database, and Redis again, and each of them has a bound of its own; one after the other they
could keep somebody waiting for three times as long. So a request has a moment by which its stores must have answered,
and every call has what is left until then. What is no request, such as a start or a command, has no such moment.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Seconds. After five people press the button again; the rest is for making and sending the page that says so.
PATIENCE = 4.5
# For what an answer can do without. A person hardly notices it, and two or three of those leave time for the rest.
BRIEFLY = 0.5

# On time.monotonic(), which is the event loop's clock as well.
_ends: ContextVar[float | None] = ContextVar("_ends", default=None)


def begin() -> None:
    """Let the patience of this request begin; what it starts in tasks of its own shares it."""
    _ends.set(time.monotonic() + PATIENCE)


def left(bound: float) -> float:
    """Give the seconds that the next call may take: ``bound``, or what its request has left where that is less.

    Raises TimeoutError when nothing is left: what cannot be waited for is better not begun.
    """
    ends = _ends.get()
    if ends is None:
        return bound
    seconds = min(bound, ends - time.monotonic())
    if seconds <= 0:
        raise TimeoutError("This request has waited for its stores for long enough.")
    return seconds


def briefly() -> asyncio.Timeout:
    """Bound what the answer can do without; raises TimeoutError, although the stores may do it still."""
    return asyncio.timeout(BRIEFLY)


@contextmanager
def paused() -> Iterator[None]:
    """Stop the clock while the client is waited for: a form that is sent slowly is not the stores' fault."""
    begun = time.monotonic()
    try:
        yield
    finally:
        if (ends := _ends.get()) is not None:
            _ends.set(ends + time.monotonic() - begun)
