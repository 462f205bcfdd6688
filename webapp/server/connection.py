"""One client: what is read from it, what is written to it, and how long it may take for either.

Hypercorn knows one timeout, for connections between requests, and counts headers that trickle in as such a pause
(0.18). Here each state has its own.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.asyncio.tcp_server import MAX_RECV, TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol import ProtocolWrapper
from hypercorn.typing import AppWrapper, ConnectionState
from hypercorn.utils import parse_socket_addr

from webapp.web.asgi import Header

from .http1 import Http1
from .timings import Timings

REQUEST_TIMEOUT = 408


@dataclass(frozen=True, slots=True)
class ServerContext:
    """What all connections of a process share: the application, Hypercorn's settings, and ours."""

    app: AppWrapper
    config: Config
    context: WorkerContext
    state: dict[str, Any]
    timings: Timings
    refusal_headers: Iterable[Header] = ()


class Connection(TCPServer):
    """One client, from its first byte to its last; ``await`` it. Raises OSError when it has gone before that.

    ``is_idle`` tells whether there is no request: none has come, or not yet all of its headers.
    """

    def __init__(self, server: ServerContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server.app, loop, server.config, server.context, server.state, reader, writer)
        socket = writer.get_extra_info("socket")
        self._client = parse_socket_addr(socket.family, socket.getpeername())
        self._server = parse_socket_addr(socket.family, socket.getsockname())
        self._refusal_headers = server.refusal_headers
        self._timings = server.timings
        self._reading: asyncio.Task[None] | None = None
        self._head_began = False
        self._deadline: asyncio.TimerHandle | None = loop.call_later(self._timings.silence, self._give_up)
        # The end of a pause between two requests. It stays while there are some, and looks when it comes how long the
        # last pause was: two timers for each page would be 6 us.
        self._pause: asyncio.TimerHandle | None = None
        # When the last request began or ended, and when something was written last.
        self._turned = self._wrote = loop.time()
        self.is_idle = True

    async def run(self) -> None:
        """Serve the client until either side has had enough."""
        try:
            async with TaskGroup(self.loop) as group:
                self._http1 = self._speak(group)
                self.protocol = cast("ProtocolWrapper", self._http1)
                group.spawn(self._read_data)
        finally:
            await self._close()
            self._let_go()

    @property
    def waiting_since(self) -> float | None:
        """The event loop's time since which the client has owed us a request, or the body of one, else None."""
        return self._turned if self.is_idle or self._http1.awaits_body else None

    def breathe(self) -> None:
        """Say something if the answer is a stream of events that was silent for a while."""
        if self.writer.is_closing():
            # With a next request at hand nobody reads, and so nobody has seen that the client is gone.
            self._stop_reading()
            return
        if self.loop.time() - self._wrote < self._timings.breath:
            return
        if breath := self._http1.breath():
            self._wrote = self.loop.time()
            self.writer.write(breath)

    async def end_stream(self) -> None:
        """End the answer that is being given, if it is a stream of events."""
        await self._http1.end_stream()

    def hang_up(self) -> None:
        """Close; what was written already is still sent, if the client takes it soon."""
        self.writer.close()
        self._stop_reading()
        # A client that does not read would keep the rest of its answer here for ever.
        self._then(self._timings.farewell, self.abort)

    def abort(self) -> None:
        """Cut the line: nothing more is sent, and the application hears that the client has gone."""
        self.writer.transport.abort()
        self._stop_reading()

    async def protocol_send(self, event: Event) -> None:
        """Do what the protocol says: write, close, or know that a request has begun or its answer ended."""
        if isinstance(event, RawData):
            await self._write(event.data)
        elif isinstance(event, Closed):
            await self._close()
        elif isinstance(event, Updated):
            self._turn(idle=event.idle)

    def _speak(self, group: TaskGroup) -> Http1:
        return Http1(
            self.app,
            self.config,
            self.context,
            group,
            ConnectionState(self.state),
            False,
            self._client,
            self._server,
            self.protocol_send,
            refusal_headers=self._refusal_headers,
        )

    async def _read_data(self) -> None:
        self._reading = asyncio.current_task()
        try:
            await self._read()
        finally:
            await self.protocol.handle(Closed())

    async def _read(self) -> None:
        while not self.reader.at_eof():
            try:
                data = await self.reader.read(MAX_RECV)
            except OSError:
                break
            await self.protocol.handle(RawData(data))
            # Nearly all heads come whole, and need no time for the rest.
            if data and self.is_idle and not self._head_began and not self.writer.is_closing():
                self._head_began = True
                self._then(self._timings.head, self._give_up)

    def _stop_reading(self) -> None:
        # With the next request at hand, Hypercorn waits for the end of the answer before it, and there may be none now.
        # Who closes while reading is on the way out already.
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()

    def _turn(self, *, idle: bool) -> None:
        self._head_began = False
        self._wait_no_more()
        self._turned = self.loop.time()
        self.is_idle = idle
        if idle and self._pause is None:
            self._pause = self.loop.call_later(self._timings.idle, self._end_pause)

    def _end_pause(self) -> None:
        self._pause = None
        if not self.is_idle or self._deadline is not None:
            # Another pause begins when the request ends; a head that has begun has a time of its own.
            return
        left = self._turned + self._timings.idle - self.loop.time()
        if left > 0:
            self._pause = self.loop.call_later(left, self._end_pause)
        else:
            self._give_up()

    def _then(self, seconds: float, act: Callable[[], None]) -> None:
        """Do so in the place of what was to be done before."""
        self._wait_no_more()
        self._deadline = self.loop.call_later(seconds, act)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """Close, since the client has been too slow; one that has begun a request is told so."""
        if self._head_began:
            self.writer.write(self._http1.refuse(REQUEST_TIMEOUT))
        self.hang_up()

    async def _write(self, data: bytes) -> None:
        self._wrote = self.loop.time()
        try:
            self.writer.write(data)
            # Nearly every page fits into what the system takes at once: nothing to wait for (5 us).
            if self.writer.transport.get_write_buffer_size():
                await self._drain()
        except (OSError, RuntimeError):
            # The line is cut; uvloop says so by a RuntimeError.
            self.abort()

    async def _drain(self) -> None:
        async with self.send_lock:
            stalled = self.loop.call_later(self._timings.stalled, self.abort)
            try:
                await self.writer.drain()
            finally:
                stalled.cancel()

    def _let_go(self) -> None:
        """Refer to nothing that refers to this: thousands of streams that have gone must not wait for the collector."""
        self._http1.send = _to_nobody
        self._reading = None

    async def _close(self) -> None:
        self.hang_up()
        try:
            with suppress(OSError):
                await self.writer.wait_closed()
        finally:
            self._wait_no_more()
            if self._pause is not None:
                self._pause.cancel()


async def _to_nobody(_: Event) -> None:
    """Send nothing: the connection has ended."""
