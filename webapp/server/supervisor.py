"""The parent process: it holds the port, keeps the workers running, and ends them in good order.

It does nothing else, so it has nothing to fail at. Workers are forked, so that they share the memory of what was
imported, and start in no time. This process has no threads and no event loop, which is what makes forking safe.
"""

import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from .timings import Timings
from .worker import FAILED, STOPPING

# Bytes. All that may wait in one of the pipes.
ENOUGH = 65_536

Work = Callable[[int, Callable[[], None]], int]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker that is no more: when it was started (``time.monotonic``), and its exit status; a signal is negative."""

    started: float
    status: int


class Supervisor:
    """Keeps ``count`` processes running, each of which calls ``work`` (see ``Worker.run``) on ``listeners``."""

    def __init__(self, work: Work, listeners: Sequence[socket.socket], count: int, timings: Timings) -> None:
        self._work = work
        self._listeners = listeners
        self._timings = timings
        # When each one is to start.
        self._due = [time.monotonic()] * count
        # Process ids, and when each one has started.
        self._workers: dict[int, float] = {}
        self._stopping = False
        self._one_was_ready = False
        # Nothing is written to the first: it is held open, and closes with this process.
        self._life = os.pipe()
        self._ready = os.pipe()
        self._signals = os.pipe()

    def run(self) -> int:
        """Return the exit status: 0 when a signal has ended all in good order, FAILED otherwise."""
        self._listen_to_signals()
        # What is here to stay is not looked at again by the collector, which would write to shared pages.
        gc.freeze()
        while not self._stopping:
            self._start_workers()
            self._wait(min(self._due, default=None))
            ended = list(self._ended())
            # What those had to say who have ended was said by now.
            self._hear()
            if ended and not self._one_was_ready and not self._stopping:
                return self._give_up(ended[0].status)
            for worker in ended:
                self._replace(worker)
        return self._end()

    def _listen_to_signals(self) -> None:
        os.set_blocking(self._ready[0], False)
        for end in self._signals:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._signals[1], warn_on_full_buffer=False)
        for number in STOPPING:
            signal.signal(number, self._stop)
        # It only has to wake us up.
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start_workers(self) -> None:
        now = time.monotonic()
        due = [when for when in self._due if when <= now]
        self._due = [when for when in self._due if when > now]
        for _ in due:
            try:
                self._start_worker(now)
            except OSError as error:
                log.warning("No worker can be started now: %s.", error.strerror)
                self._due.append(now + self._timings.restart)

    def _start_worker(self, now: float) -> None:
        # A signal must not meet the child before it knows what to do with it.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            process = os.fork()
            if process == 0:
                self._be_worker()
            self._workers[process] = now
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    def _be_worker(self) -> NoReturn:
        status = FAILED
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._life[1], self._ready[0], *self._signals):
                os.close(end)
            status = self._work(self._life[0], self._tell_ready)
        except BaseException:
            log.exception("Worker %s failed.", os.getpid())
        finally:
            # Not by raising SystemExit, which would unwind into what the parent does.
            logging.shutdown()
            sys.stdout.flush()
            os._exit(status)

    def _tell_ready(self) -> None:
        # A parent that is gone ends the worker by other means.
        with suppress(OSError):
            os.write(self._ready[1], b"!")

    def _wait(self, until: float | None) -> None:
        """Return when a signal has come, a child's end among them, or at the time ``until``."""
        seconds = None if until is None else max(0, until - time.monotonic())
        if select.select([self._signals[0]], [], [], seconds)[0]:
            os.read(self._signals[0], ENOUGH)

    def _ended(self) -> Iterator[Ended]:
        for process, started in list(self._workers.items()):
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                del self._workers[process]
                yield Ended(started, os.waitstatus_to_exitcode(status))

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._one_was_ready |= bool(os.read(self._ready[0], ENOUGH))

    def _replace(self, ended: Ended) -> None:
        now = time.monotonic()
        if ended.status:
            log.error("A worker ended by itself (%s); another one takes its place.", _words(ended.status))
            self._due.append(max(now, ended.started + self._timings.restart))
        else:
            # Somebody has stopped it. Heroku stops one process after the other, and our turn may be next.
            self._due.append(now + self._timings.restart)

    def _give_up(self, status: int) -> int:
        self._end()
        log.critical("No worker could start (%s): nothing is served. The lines above say why.", _words(status))
        return FAILED

    def _end(self) -> int:
        """End the workers; returns the exit status."""
        for number in STOPPING:
            # Python gives its handlers back while it ends, and the next of several SIGTERMs would kill.
            signal.signal(number, signal.SIG_IGN)
        for listener in self._listeners:
            listener.close()
        until = time.monotonic() + self._timings.killed
        # Some or all of them may have been told already.
        self._send_all(signal.SIGTERM)
        statuses = []
        while self._workers and time.monotonic() < until:
            self._wait(until)
            statuses += [worker.status for worker in self._ended()]
        if self._workers:
            log.error("%s workers did not end in time and were killed.", len(self._workers))
            self._send_all(signal.SIGKILL)
            statuses += [os.waitpid(process, 0)[1] for process in self._workers]
        return FAILED if any(statuses) else 0

    def _send_all(self, number: signal.Signals) -> None:
        # A process that has ended stays known until it is waited for, so nobody else is meant.
        for process in self._workers:
            os.kill(process, number)


def _words(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
