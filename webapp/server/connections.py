"""All connections of one process: how many there may be, and how they come to their end when the server stops."""

import asyncio
import logging
import math
import socket
from operator import itemgetter

from .connection import Connection, ServerContext

# Seconds. When all places are taken, a client that was let in is still given this long to say what it wants.
FAIR_CHANCE = 1.0
# Seconds. What is cut has this long to notice, and then once more after it was cancelled.
LAST_MOMENT = 0.4
# Times in which all connections are looked at within a breath: streams take theirs at different moments, all the same.
LOOKS_A_BREATH = 20
NETWORKS = {socket.AF_INET, socket.AF_INET6}
MILLISECONDS = 1000

log = logging.getLogger(__name__)


class Connections:
    """All connections of one process, at most ``most`` of them."""

    def __init__(self, server: ServerContext, most: int) -> None:
        self._server = server
        self._timings = server.timings
        self._most = most
        self._open: set[Connection] = set()
        # The event loop keeps only weak references to tasks.
        self._tasks: set[asyncio.Task[None]] = set()

    def has_room(self) -> bool:
        """Tell whether one more can be added: there is a place, or somebody to take it from.

        Silent and trickling clients lose theirs before they can keep others out, those who trickle a body too; one
        whose request has come and is being worked on never does.
        """
        return len(self._tasks) < self._most or self._longest_waiting() is not None

    def add(self, client: socket.socket) -> None:
        """Serve a client that was accepted, in the place of another if need be."""
        if len(self._tasks) >= self._most:
            self.drop_one()
        task = asyncio.get_running_loop().create_task(self._serve(client))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def drop_one(self) -> None:
        """Cut off the client that the server has been waiting for longest, if it had a fair chance."""
        if (longest := self._longest_waiting()) is not None:
            self._open.discard(longest)
            longest.abort()

    def _longest_waiting(self) -> Connection | None:
        waiting = ((since, connection) for connection in self._open if (since := connection.waiting_since) is not None)
        since, longest = min(waiting, key=itemgetter(0), default=(math.inf, None))
        return longest if asyncio.get_running_loop().time() - since > FAIR_CHANCE else None

    async def keep_breathing(self) -> None:
        """Let silent streams say that they are still there, until this is cancelled."""
        while True:
            await asyncio.sleep(self._timings.breath / LOOKS_A_BREATH)
            for connection in tuple(self._open):
                self._let_breathe(connection)

    async def finish(self) -> None:
        """Bring all to their end, in good order and in the time that there is; nobody may be added any more."""
        begun = asyncio.get_running_loop().time()
        # From here on each answer says that it is the last one on its connection, and is.
        await self._server.context.terminated.set()
        endings = [asyncio.ensure_future(self._end_stream(connection)) for connection in self._open]
        await self._all_gone(begun + self._timings.lingering)
        for connection in self._open:
            if connection.is_idle:
                connection.hang_up()
        await self._all_gone(begun + self._timings.requests)
        await self._cut()
        await asyncio.gather(*endings)

    def _let_breathe(self, connection: Connection) -> None:
        try:
            connection.breathe()
        except Exception:
            # The others go on.
            log.exception("A stream could not be kept open and was cut.")
            connection.abort()

    async def _serve(self, client: socket.socket) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        try:
            _give_up_after(client, self._timings.vanished)
            # Not by start_server: since Python 3.12.1 its server ends only with its last connection.
            transport, protocol = await loop.connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(reader), client
            )
            connection = Connection(self._server, reader, asyncio.StreamWriter(transport, protocol, reader, loop))
        except OSError:
            # It went before we knew who it was.
            client.close()
            return
        self._open.add(connection)
        try:
            await connection.run()
        finally:
            self._open.discard(connection)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A connection ended with an error.", exc_info=error)

    async def _end_stream(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._timings.streams):
                await connection.end_stream()
        except TimeoutError:
            # Its client does not read.
            connection.abort()
        except Exception:
            # The others still get their good end.
            log.exception("A stream could not be ended in good order and was cut.")
            connection.abort()

    async def _all_gone(self, when: float) -> None:
        """Return when all connections have ended, at the event loop's time ``when`` at the latest."""
        loop = asyncio.get_running_loop()
        while self._tasks and loop.time() < when:
            await asyncio.wait(self._tasks, timeout=when - loop.time())

    async def _cut(self) -> None:
        if self._open:
            log.warning("%s requests did not end in time and were cut.", len(self._open))
        loop = asyncio.get_running_loop()
        for connection in self._open:
            connection.abort()
        # The application hears that its clients have gone, as at any other time; what does not listen is cancelled.
        await self._all_gone(loop.time() + LAST_MOMENT)
        for task in self._tasks:
            task.cancel()
        await self._all_gone(loop.time() + LAST_MOMENT)


def _give_up_after(client: socket.socket, seconds: float) -> None:
    """Have the system cut the line when the client has acknowledged nothing for so long, where it can (Linux)."""
    if client.family in NETWORKS and hasattr(socket, "TCP_USER_TIMEOUT"):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * MILLISECONDS))
