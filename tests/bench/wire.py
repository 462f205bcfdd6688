"""Requests as a browser sends them, and clients that hold thousands of answers and cost next to nothing."""

import asyncio
import time
from collections.abc import Iterable, Sequence

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
