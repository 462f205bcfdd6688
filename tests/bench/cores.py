"""Which processor works for whom, so that what is measured does not wait for what measures it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_OURS = sorted(os.sched_getaffinity(0))
# With one processor alone everybody shares it.
PINNED = len(_OURS) > 1
SERVER = {_OURS[0]} if PINNED else set(_OURS)
OTHERS = {_OURS[1]} if PINNED else set(_OURS)


@contextmanager
def on(cores: set[int]) -> Iterator[None]:
    """Start processes on these processors: they stay there, and so does what they start."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
