"""Pages that are read one after the other, on connections that are kept.

Each connection ends with a whole page: a page that nobody waits for may be half the work, and would be counted as one
or as none.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
# Seconds for which the last pages are waited for.
PATIENCE = 20


class Reader(asyncio.Protocol):
    """Asks for pages one after the other on one connection, from ``start`` until after ``finish``, and counts them."""

    def __init__(self, asked: Iterable[bytes]) -> None:
        self._asked = iter(asked)
        self._received = b""
        self._is_last = True
        self.count = self.size = 0
        self.fault = ""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the start."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Ask for the next as soon as all of this one is there."""
        self.size += len(data)
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
        if self._is_last:
            self.ended.set_result(None)
        else:
            self._transport.write(next(self._asked))

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the server has hung up, where it did so in the middle."""
        if not self.ended.done():
            self.fault = self.fault or f"The line was lost: {error!r}"
            self.ended.set_result(None)

    @property
    def is_open(self) -> bool:
        """Whether the server has not hung up."""
        return not self._transport.is_closing()

    def start(self) -> None:
        """Ask for one page after the other; ``ended`` is done when the last one is there."""
        self._is_last = False
        self.ended = asyncio.get_running_loop().create_future()
        self._transport.write(next(self._asked))

    def finish(self) -> None:
        """Ask for no more once this page is there."""
        self._is_last = True

    def close(self) -> None:
        """Hang up."""
        self._transport.abort()


@dataclass(frozen=True, slots=True)
class Read:
    """How many pages came, in how many seconds, with how many bytes each and its head."""

    count: int
    seconds: float
    size: float


async def read_for(seconds: float, port: int, readers: Sequence[Callable[[], Reader]]) -> Read:
    """Let them read side by side; raises RuntimeError when a page does not come."""
    opened = [await open_reader(port, reader) for reader in readers]
    try:
        return await read_on(seconds, opened)
    finally:
        for reader in opened:
            reader.close()


async def open_reader(port: int, reader: Callable[[], Reader]) -> Reader:
    """Connect one to a port of this computer."""
    return (await asyncio.get_running_loop().create_connection(reader, "127.0.0.1", port))[1]


async def read_on(seconds: float, readers: Sequence[Reader]) -> Read:
    """Do the same with those that are connected, which stay so."""
    began, before = time.perf_counter(), _so_far(readers)
    for reader in readers:
        reader.start()
    await asyncio.sleep(seconds)
    for reader in readers:
        reader.finish()
    _, late = await asyncio.wait([reader.ended for reader in readers], timeout=PATIENCE)
    faults = [reader.fault for reader in readers if reader.fault]
    if late or faults:
        raise RuntimeError(f"A page did not come: {faults[0] if faults else 'it was waited for long enough'}")
    count, size = (now - then for now, then in zip(_so_far(readers), before, strict=True))
    return Read(count, time.perf_counter() - began, size / count)


def _so_far(readers: Sequence[Reader]) -> tuple[int, int]:
    return sum(reader.count for reader in readers), sum(reader.size for reader in readers)
