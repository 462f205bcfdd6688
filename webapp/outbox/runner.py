"""The task in the server that does what the outbox asks for.

Every process has its runners, and claims keep them out of each other's way. A runner looks when something new was put
in by its own process, when the next entry that it has seen is due, and every few seconds for what others have put in.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta

from webapp.errors import StoreUnavailable

from .attempts import Attempts, Handler
from .model import Entry
from .renewing import renew_again_and_again
from .store import Outbox
from .sweeping import Sweep, sweep_again_and_again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds.

    ``poll``     between looks for what other processes have put in
    ``lease``    that a claim holds: so long after a process has died, others do what it was at
    ``renewal``  between two renewals of a claim while a handler is at work. The rest of the lease is for a database
                 that does not answer, and for clocks of machines that differ: nobody else may begin meanwhile
    ``patience`` that a handler has, counted from before the claim
    ``busy``     until the next look where others were claiming what was due
    ``quiet``    between two lines about one trouble with the database
    ``sweep``    between two sweeps, about
    ``finish``   that handlers have when the server stops, and
    ``cancel``   that they have after this to unwind. Platforms kill what does not stop, and requests come first
    """

    poll: float = 5
    lease: float = 60
    renewal: float = 20
    patience: float = 45
    busy: float = 0.5
    quiet: float = 60
    sweep: float = 600
    finish: float = 1.5
    cancel: float = 0.4


TIMINGS = Timings()
# Entries at the same time.
PLACES = 5


class Runner:
    """Does the entries whose kinds have a handler, ``places`` of them at the same time.

    What must not wait for one another, such as mails and the rest, gets a runner each. Where most entries are done in a
    moment, ``batch`` of them are claimed at once, as soon as so many places are free: a claim costs more than they do.
    ``sweeps`` are housekeeping that is done now and then.
    """

    def __init__(
        self,
        outbox: Outbox,
        handlers: Mapping[str, Handler],
        *,
        sweeps: Collection[Sweep] = (),
        places: int = PLACES,
        batch: int = 1,
        timings: Timings = TIMINGS,
    ) -> None:
        self._outbox = outbox
        self._kinds = tuple(handlers)
        self._attempts = Attempts(outbox, handlers)
        self._sweeps = sweeps
        self._places = places
        self._batch = batch
        self._timings = timings
        self._woken = asyncio.Event()
        # Whether it was told of something new, and whether something may be due that there was no place for.
        self._is_told = False
        self._is_full = False
        self._stopping = False
        self._loop: asyncio.Task[None] | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._quiet_until = 0.0

    def start(self) -> None:
        """Begin; to be stopped before the database is closed."""
        self._outbox.listeners.add(self._hear)
        # In contexts of their own: whoever starts them, no request's patience is inherited, and no request's log lines.
        self._loop = asyncio.create_task(self._run(), context=Context())
        if self._sweeps:
            sweeping = sweep_again_and_again(self._sweeps, self._timings.sweep)
            self._sweeper = asyncio.create_task(sweeping, context=Context())

    async def stop(self) -> None:
        """Claim nothing more, let what is under way come to its end, and cancel what does not in time.

        The claim of what is cancelled runs out by itself: a mail server may have taken the mail already, and another
        attempt at once would be the second mail.
        """
        self._outbox.listeners.discard(self._hear)
        self._stopping = True
        self._woken.set()
        if self._sweeper is not None:
            self._sweeper.cancel()
        await _wait_for(self._tasks(), self._timings.finish)
        for task in self._tasks():
            task.cancel()
        await _wait_for(self._tasks(), self._timings.cancel)

    def _hear(self, kinds: Collection[str] | None) -> None:
        if kinds is None or not set(self._kinds).isdisjoint(kinds):
            self._is_told |= kinds is not None
            self._woken.set()

    def _tasks(self) -> set[asyncio.Task[None]]:
        own = {task for task in (self._loop, self._sweeper) if task is not None and not task.done()}
        return own | self._under_way

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            pause = await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def _look(self) -> float:
        """Begin what is due; return the seconds until the next look."""
        try:
            return await self._begin_what_is_due()
        except Exception as trouble:  # noqa: BLE001 - whatever it is, mails must go on when it is over.
            self._tell(trouble)
            return self._timings.poll

    async def _begin_what_is_due(self) -> float:
        free = self._places - len(self._under_way)
        self._is_full = free < self._batch
        if self._is_full:
            # The end of one wakes us.
            return self._timings.poll
        # What it was told of it claims at once: to look first costs as much again, and nearly always it is there.
        is_told, self._is_told = self._is_told, False
        if is_told and await self._claim(free):
            return 0
        due = await self._outbox.next_due(self._kinds)
        if due is None:
            return self._timings.poll
        if (seconds := (due - self._outbox.clock()).total_seconds()) > 0:
            return min(seconds, self._timings.poll)
        return 0 if await self._claim(free) else self._timings.busy

    async def _claim(self, most: int) -> bool:
        ends = asyncio.get_running_loop().time() + self._timings.patience
        entries = await self._outbox.claim(self._kinds, most, timedelta(seconds=self._timings.lease))
        for entry in entries:
            if self._stopping:
                # Nothing of it was begun, so somebody else may have it at once.
                await self._outbox.postpone(entry, entry.due)
                continue
            task = asyncio.create_task(self._attempt(entry, ends))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return bool(entries)

    async def _attempt(self, entry: Entry, ends: float) -> None:
        lease = timedelta(seconds=self._timings.lease)
        holding = asyncio.create_task(renew_again_and_again(self._outbox, entry, lease, self._timings.renewal))
        try:
            await self._attempts.make(entry, ends)
        finally:
            holding.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._is_full:
            self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("What became of an entry could not be written.", exc_info=error)

    def _tell(self, trouble: Exception) -> None:
        now = time.monotonic()
        if now < self._quiet_until:
            return
        self._quiet_until = now + self._timings.quiet
        kinds = ", ".join(self._kinds)
        if isinstance(trouble, StoreUnavailable):
            log.warning("The outbox waits (%s): %s.", kinds, trouble)
        else:
            log.error("The outbox (%s) met a bug of ours.", kinds, exc_info=trouble)


async def _wait_for(tasks: set[asyncio.Task[None]], seconds: float) -> None:
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
