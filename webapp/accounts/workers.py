"""Costly work, off the event loop: a few threads and a short queue before them.

A queue without an end would let everybody wait for the work of people who have long gone away.
"""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from webapp.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")

# Who prepares work beside those that are at it. With one of them a thread finds the next piece ready, as long as that
# is prepared sooner than done; with two also while a store takes its time.
PREPARING = 2
# How far the work steps back for everybody else who wants a processor; 19 is the furthest.
NICE = 19


class Place:
    """One place among the workers or before them; whoever keeps it either gives it to a piece of work or leaves it."""

    def __init__(self, places: BoundedSemaphore) -> None:
        self._places = places
        self._given = False

    def give_to(self, work: Future[T]) -> None:
        """Let ``work`` have the place until it ends.

        From then on it is not the caller's: one who gives up frees a place in the queue, but a thread that is at work
        holds its place to the end.
        """
        self._given = True
        work.add_done_callback(lambda _: self._places.release())

    def leave(self) -> None:
        """Free the place, unless it was given to some work."""
        if not self._given:
            self._places.release()


class Workers:
    """``threads`` pieces of work at once, ``queue`` more waiting; the rest is told to come back in ``wait`` seconds."""

    def __init__(self, name: str, *, threads: int, queue: int, wait: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=_step_back)
        self._places = BoundedSemaphore(threads + queue)
        self._near = asyncio.Semaphore(threads + PREPARING)
        self._wait = wait

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Keep a place for work that is still to come; raises Busy at once when all are taken."""
        if not self._places.acquire(blocking=False):
            raise Busy(self._wait)
        place = Place(self._places)
        try:
            yield place
        finally:
            place.leave()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Place]:
        """Keep a place, and wait until it is nearly its turn; raises Busy at once when all are taken.

        What has to be done before and after the work is done within. So those who come all at once do not do it all
        at once: twenty who sign in kept each page waiting for 20 ms by that.
        """
        with self.place() as place:
            async with self._near:
                yield place

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` in a thread; raises Busy at once when all places are taken."""
        with self.place() as place:
            return await self.run_at(place, function, *args, **kwargs)

    async def run_at(self, place: Place, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` in a thread, at a place that was kept for it."""
        work = self._executor.submit(function, *args, **kwargs)
        place.give_to(work)
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Take no more work and forget what waits; what runs is finished."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    """Let pages come before passwords: somebody who signs in waits anyway, and the others notice nothing of it.

    A low priority is not enough. Linux may let whoever is at work go on until it looks again, every 4 ms where it does
    so 250 times a second, and every tenth page waited for that. So one processor is left to the others, where there are
    several. Both are a thread's own on Linux, and what it starts has the same: so the lanes of a hash have it too.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, NICE)
        usable = sorted(os.sched_getaffinity(thread))
        # Who runs us may forbid it (systemd's @resources): then pages wait, and everybody can still sign in.
        with suppress(OSError):
            os.sched_setaffinity(thread, usable[:-1] or usable)
