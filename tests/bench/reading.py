"""Pages that are read one after the other, on connections that are kept.

It stands alone, and is started in a moment: our own loader is no more than this.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class Reader(asyncio.Protocol):
    """Asks for pages one after the other on one connection, and counts those that have come."""

    def __init__(self, asked: Iterable[bytes]) -> None:
        self._asked = iter(asked)
        self._received = b""
        self._missing = -1
        self.count = 0
        self.fault = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transport.write(next(self._asked))

    def data_received(self, data: bytes) -> None:
        """Ask for the next as soon as all of this one is there."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if not found or length is None or len(body) < int(length[1]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.fault = head.decode("latin-1")
            self._transport.close()
            return
        self.count += 1
        self._received = b""
        self._transport.write(next(self._asked))

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the server has hung up, where it did."""
        self.fault = self.fault or f"The line was lost: {error!r}"

    def stop(self) -> None:
        """Ask for no more."""
        self._transport.abort()


@dataclass(frozen=True, slots=True)
class Read:
    """How many pages came, in how many seconds."""

    count: int
    seconds: float


async def read_for(seconds: float, port: int, readers: Sequence[Callable[[], Reader]]) -> Read:
    """Let them read side by side; raises RuntimeError when a page does not come."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    opened = [(await loop.create_connection(reader, "127.0.0.1", port))[1] for reader in readers]
    await asyncio.sleep(seconds)
    count, took = sum(reader.count for reader in opened), time.perf_counter() - began
    faults = [reader.fault for reader in opened if reader.fault]
    for reader in opened:
        reader.stop()
    if faults:
        raise RuntimeError(f"A page did not come: {faults[0]}")
    return Read(count, took)
