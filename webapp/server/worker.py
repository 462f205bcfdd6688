"""One process that serves: hooks, then requests until it is told to stop, then hooks again."""

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config

from webapp.web.asgi import App, Header

from .acceptor import Acceptor
from .connection import ServerContext
from .connections import Connections
from .lifespan import HooksFailed, Lifespan
from .loops import loop_factory
from .timings import Timings

# Whoever sends these wants the server to end: Heroku and Render, systemd, Ctrl-C. Any number of them means the same.
STOPPING = (signal.SIGTERM, signal.SIGINT)
# Bytes. What a request line and its headers may take while they are still incomplete; Heroku's router sends no line
# longer than half of it.
INCOMPLETE_REQUEST = 16 * 1024

# Of the collector: after how many objects it looks at what is new, and how often it does before it looks at what is
# older, and at that before all. Hardly anything is left to it, since whatever ends here goes by itself: with the 700 of
# Python a page takes 3 % more. The last of these stops everything, for half a second beside 5,000 streams
# (docs/bench.md).
COLLECTIONS = (10_000, 20, 50)

FAILED = 1

log = logging.getLogger(__name__)


class Worker:
    """Serves what ``build`` makes, on ``listeners``, which are shared with other workers, in a loop of that name.

    It holds ``most`` connections at once; ``refusal_headers`` go with answers that the application never sees.
    """

    def __init__(
        self,
        build: Callable[[], App],
        listeners: Sequence[socket.socket],
        loop: str,
        timings: Timings,
        refusal_headers: Iterable[Header],
        *,
        most: int,
    ) -> None:
        self._build = build
        self._listeners = listeners
        self._loop = loop
        self._timings = timings
        self._refusal_headers = tuple(refusal_headers)
        self._most = most

    def run(self, parent: int, ready: Callable[[], None]) -> int:
        """Serve until a signal comes, or until nobody holds the other end of ``parent``, a descriptor to read from.

        ``ready`` is called when requests can be served. The signals are blocked until they are listened to. Returns
        the exit status: 0, or FAILED when a hook failed. The process has to end then.
        """
        # The loop is not closed: it would give its signal handlers back, and the next of several SIGTERMs would kill;
        # and it would wait for whatever does not let itself be cancelled.
        return asyncio.Runner(loop_factory=loop_factory(self._loop)).run(self._run(parent, ready))

    async def _run(self, parent: int, ready: Callable[[], None]) -> int:
        stopping = self._stopping(parent)
        gc.set_threshold(*COLLECTIONS)
        app = self._build()
        lifespan = Lifespan(app)
        try:
            await lifespan.start(self._timings.startup)
            await self._serve(app, lifespan, stopping, ready)
        except HooksFailed as failure:
            log.critical("%s", failure, exc_info=failure.__cause__ or failure.__context__)
            return FAILED
        return 0

    def _stopping(self, parent: int) -> asyncio.Event:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in STOPPING:
            loop.add_signal_handler(number, stopping.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        watch = (parent, lambda: loop.call_soon_threadsafe(stopping.set), self._timings.killed)
        # A thread: it does its work even if the event loop hangs.
        threading.Thread(target=_end_with, args=watch, daemon=True).start()
        return stopping

    def _server(self, app: App, lifespan: Lifespan) -> ServerContext:
        return ServerContext(
            app=ASGIWrapper(app),
            config=configured(),
            context=WorkerContext(None),
            state=lifespan.state,
            timings=self._timings,
            refusal_headers=self._refusal_headers,
        )

    async def _serve(self, app: App, lifespan: Lifespan, stopping: asyncio.Event, ready: Callable[[], None]) -> None:
        """Serve until ``stopping`` is set, finish what is under way, and run the hooks of the end."""
        connections = Connections(self._server(app, lifespan), self._most)
        acceptor = Acceptor(self._listeners, connections)
        acceptor.open()
        breathing = asyncio.create_task(connections.keep_breathing())
        ready()
        await stopping.wait()
        breathing.cancel()
        until = time.monotonic() + self._timings.hooks
        # With thousands of streams the collector would stop all for half a second each time, and nothing stays anyway.
        gc.disable()
        try:
            acceptor.close()
            await connections.finish()
        finally:
            # Whatever went wrong, the application puts its things in order.
            await lifespan.stop(until - time.monotonic())


def configured() -> Config:
    """Return what Hypercorn's own protocol asks its configuration for."""
    config = Config()
    config.include_server_header = False
    config.h11_max_incomplete_size = INCOMPLETE_REQUEST
    config.errorlog = logging.getLogger("hypercorn")
    return config


def _end_with(parent: int, stop: Callable[[], object], seconds: float) -> None:
    """Stop when the parent is gone, however that went: a worker without it would keep the port."""
    # Nothing is ever written, so this waits for the parent's end.
    os.read(parent, 1)
    with suppress(RuntimeError):
        # The loop may be closed already.
        stop()
    time.sleep(seconds)
    os._exit(FAILED)
