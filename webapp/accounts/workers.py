"""Costly work, off the event loop: a few threads and a short queue before them.

A queue without an end would let everybody wait for the work of people who have long gone away.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from webapp.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """``threads`` pieces of work at once, ``queue`` more waiting; the rest is told to come back in ``wait`` seconds."""

    def __init__(self, name: str, *, threads: int, queue: int, wait: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(threads + queue)
        self._wait = wait

    def admit(self) -> None:
        """Raise Busy when there is no place now; takes none."""
        self._take_place()
        self._places.release()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` in a thread; raises Busy at once when all places are taken."""
        self._take_place()
        try:
            work = self._executor.submit(function, *args, **kwargs)
        except RuntimeError:
            self._places.release()
            raise
        # The place belongs to the work and not to the caller: one who gives up frees a place in the queue, but a
        # thread that is at work holds its place to the end.
        work.add_done_callback(self._give_back)
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Take no more work and forget what waits; what runs is finished."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _take_place(self) -> None:
        if not self._places.acquire(blocking=False):
            raise Busy(self._wait)

    def _give_back(self, _work: Future[T]) -> None:
        self._places.release()
