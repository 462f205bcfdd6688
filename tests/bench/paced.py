"""Pages that are asked for at a constant rate, each timed from the moment at which it was due.

Whoever waited for one answer before asking for the next would ask less while the server is slow, and see little of it.
"""

import asyncio
import time
from collections.abc import Sequence

from bench.reading import LENGTH

MILLISECONDS = 1000
# Seconds in which whatever was asked for has to be there.
PATIENCE = 60
SHOWN = b"HTTP/1.1 200"


class Line(asyncio.Protocol):
    """A connection on which one request after the other is answered."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand the answer over once all of it is there."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if found and length and len(body) >= int(length[1]) and self._answer and not self._answer.done():
            self._answer.set_result(self._received)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits that nothing will come."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(RuntimeError(f"The line was lost: {error!r}"))

    async def ask(self, request: bytes) -> bytes:
        """Give the answer, head and body. Raises TimeoutError, or RuntimeError where the line is lost."""
        assert self._transport
        self._received, self._answer = b"", asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(PATIENCE):
            return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.abort()


async def line_to(port: int, local: str = "127.0.0.1") -> Line:
    """Open a line to a port of this computer, from one of its addresses."""
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(Line, "127.0.0.1", port, local_addr=(local, 0))
    return line


class Pace:
    """Asks for pages so often in a second, by ``requests`` in turn, from ``start`` until ``stop``."""

    def __init__(self, port: int, rate: int, requests: Sequence[bytes]) -> None:
        self._port, self._rate, self._requests = port, rate, requests
        self._idle: list[Line] = []
        self._asked: list[asyncio.Task[float]] = []
        self._going = False
        # The pages that were not shown: the head of each.
        self.refused: list[bytes] = []

    def start(self) -> None:
        """Begin."""
        self._going = True
        self._feeder = asyncio.create_task(self._feed())

    async def stop(self) -> list[float]:
        """Ask for no more, and give the milliseconds that each took, once all are there."""
        self._going = False
        await self._feeder
        waits = await asyncio.gather(*self._asked)
        for line in self._idle:
            line.close()
        self._idle, self._asked = [], []
        return waits

    async def _feed(self) -> None:
        due, number = time.perf_counter(), 0
        while self._going:
            due += 1 / self._rate
            await asyncio.sleep(due - time.perf_counter())
            self._asked.append(asyncio.create_task(self._ask(self._requests[number % len(self._requests)], due)))
            number += 1

    async def _ask(self, request: bytes, due: float) -> float:
        line = self._idle.pop() if self._idle else await line_to(self._port)
        answer = await line.ask(request)
        took = time.perf_counter() - due
        self._idle.append(line)
        if not answer.startswith(SHOWN):
            self.refused.append(answer.partition(b"\r\n")[0])
        return took * MILLISECONDS
