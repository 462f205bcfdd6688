"""Requests as a browser sends them, and clients that hold thousands of answers and cost next to nothing."""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.people import Member
from pages import FIREFOX

# What a browser sends with each request; memory is needed for these too.
USUAL = (
    f"User-Agent: {FIREFOX}",
    "Accept-Language: en-GB,en;q=0.5",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
    "Priority: u=4",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
)
# Addresses of this computer that clients come from: each has 28,000 ports of its own.
ADDRESSES = 4
# Connections that are opened at the same time.
AT_ONCE = 32
# Seconds in which whatever was asked for has to be there.
PATIENCE = 60
# Bytes of what came last, in which an event's name is looked for.
RECENT = 600

HERE, CLOSED = b"event: session-here", b"event: session-close"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def request(host: str, path: str, accept: str, cookie: str) -> bytes:
    """Write a request for ``path`` with the cookie of somebody who is signed in."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", f"Accept: {accept}", *USUAL, f"Cookie: {cookie}"]
    return "\r\n".join([*lines, "", ""]).encode()


class OpenPage(asyncio.Protocol):
    """A page's stream of events: when it was told that its session is here, and when that it is over."""

    __slots__ = ("_asked", "_recent", "closed", "here", "transport")

    def __init__(self, asked: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._asked = asked
        self._recent = b""
        self.transport: asyncio.BaseTransport | None = None
        self.here: asyncio.Future[None] = loop.create_future()
        # The moment at which it came, by ``time.perf_counter``.
        self.closed: asyncio.Future[float] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._asked)

    def data_received(self, data: bytes) -> None:
        """See what has come."""
        now = time.perf_counter()
        self._recent = (self._recent + data)[-RECENT:]
        if CLOSED in self._recent and not self.closed.done():
            self.closed.set_result(now)
        if HERE in self._recent and not self.here.done():
            self.here.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell those who wait that nothing will come."""
        failure = RuntimeError(f"The stream ended: {error!r}, {self._recent!r}")
        for waited in (self.here, self.closed):
            if not waited.done():
                waited.set_exception(failure)
                # Not everybody is waited for.
                waited.exception()


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


async def open_pages(host: str, port: int, members: Sequence[Member]) -> list[OpenPage]:
    """Open the stream of each; returns when all have heard that their session is here."""
    loop, turn = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def opened(place: int, member: Member) -> OpenPage:
        asked = request(host, "/session/events", "text/html, text/event-stream", member.cookie)
        local = (f"127.0.2.{1 + place % ADDRESSES}", 0)
        async with turn, asyncio.timeout(PATIENCE):
            _, page = await loop.create_connection(lambda: OpenPage(asked), "127.0.0.1", port, local_addr=local)
            await page.here
        return page

    return await asyncio.gather(*(opened(place, member) for place, member in enumerate(members)))


async def close_pages(pages: Iterable[OpenPage]) -> None:
    """Leave all of them."""
    for page in pages:
        if page.transport is not None:
            page.transport.close()
    await asyncio.sleep(0)


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
