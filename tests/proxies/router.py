"""A platform's router, simulated: it ends TLS, changes heads by the platform's rules, and passes the bodies on.

Wherever nothing is known of the real one, it does what is worst for the server behind it.
"""

import asyncio
import signal
import ssl
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from typing import Protocol

from proxies.head import Head, NotHttpError, read_head, read_line
from proxies.proxy import Place, Proxy
from proxies.running import Address, loopback

TESTS = Path(__file__).parents[1]
MODULES = f"{TESTS}:{TESTS.parent}"
PIECE = 65_536
# Seconds for which a connection to the server is kept for the next request, of whichever client ("HTTP Routing").
KEPT = 90
REFUSAL = b"HTTP/1.1 %d Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
OWN_HEADERS = (b"connection", b"keep-alive")

Connection = tuple[StreamReader, StreamWriter]


class Rules(Protocol):
    """What one platform does that the other does not."""

    def refused(self, head: Head, scheme: str) -> bytes | None:
        """Return the answer to a request that never reaches the server."""

    def request(self, head: Head, client: str, scheme: str) -> None:
        """Change the head of a request that came from ``client``."""

    def answer(self, head: Head) -> None:
        """Change the head of an answer."""


class SimulatedRouter(Proxy):
    """A router as a process of its own, for its isolation from the clients; ``module`` is the one that serves."""

    module: str
    user = None  # Python and these files may lie where nobody else can read.

    def _command(self, place: Place) -> Sequence[str]:
        python = ["env", f"PYTHONPATH={MODULES}", sys.executable, "-m", self.module]
        return [*python, str(place.certificate), place.upstream.host, *map(str, (place.upstream.port, *self.ports))]


class Router:
    """Serves clients by ``rules`` from the one server at ``upstream``."""

    def __init__(self, rules: Rules, upstream: Address) -> None:
        self._rules = rules
        self._upstream = upstream
        self._idle: list[tuple[Connection, float]] = []

    async def serve(self, client: Connection, scheme: str) -> None:
        """Serve one connection of a client until either side has enough of it."""
        async with AsyncExitStack() as stack:
            stack.callback(client[1].close)
            try:
                while (head := await read_head(client[0])) and await self._pass_on(head, client, scheme):
                    pass
            except NotHttpError:
                client[1].write(REFUSAL % 400)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass

    async def _pass_on(self, head: Head, client: Connection, scheme: str) -> bool:
        """Serve one request; false where the connection is not to be used again."""
        if not head.words[2].startswith(b"HTTP/1."):
            raise NotHttpError
        if refusal := self._rules.refused(head, scheme):
            client[1].write(refusal)
            return False
        last = head.lists(b"connection", b"close")
        if not head.lists(b"connection", b"upgrade"):
            head.drop(*OWN_HEADERS)
        self._rules.request(head, client[1].get_extra_info("peername")[0], scheme)
        server = await self._connection()
        server[1].write(head.encode())
        sending = asyncio.create_task(_copy_body(head, client[0], server[1]))
        try:
            return await self._answer(head, client, server, sending) and not last
        finally:
            sending.cancel()

    async def _answer(self, request: Head, client: Connection, server: Connection, sending: asyncio.Task[None]) -> bool:
        head = await _final_head(server[0], client[1])
        if head is None:
            client[1].write(REFUSAL % 503)
            return False
        self._rules.answer(head)
        client[1].write(head.encode())
        if head.words[1] == b"101":
            # "HTTP Routing": whatever the upgrade is to, from here on the router only carries bytes.
            await asyncio.gather(_copy(client[0], server[1]), _copy(server[0], client[1]))
            return False
        if request.words[0] != b"HEAD" and head.words[1] not in {b"204", b"304"}:
            await _copy_body(head, server[0], client[1])
        # A server may take a refused upgrade for the end of the connection.
        if head.lists(b"connection", b"close") or request.lists(b"connection", b"upgrade"):
            server[1].close()
            return False
        await sending
        self._idle.append((server, monotonic()))
        return True

    async def _connection(self) -> Connection:
        while self._idle:
            (reader, writer), since = self._idle.pop()
            if monotonic() - since < KEPT and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._upstream.host, self._upstream.port)


async def _final_head(reader: StreamReader, client: StreamWriter) -> Head | None:
    """Read the head of the answer; those that only announce it, as "100 Continue" does, are passed on at once."""
    while head := await read_head(reader):
        if not head.words[1].startswith(b"1") or head.words[1] == b"101":
            return head
        client.write(head.encode())
    return None


async def _copy_body(head: Head, reader: StreamReader, writer: StreamWriter) -> None:
    # "HTTP Routing": chunked wins over Content-Length.
    lengths = head.values(b"content-length")
    if head.lists(b"transfer-encoding", b"chunked"):
        await _copy_chunks(reader, writer)
    elif lengths:
        await _copy_exactly(int(lengths[0]), reader, writer)


async def _copy_chunks(reader: StreamReader, writer: StreamWriter) -> None:
    size = -1
    while size:
        line = await read_line(reader)
        size = int(line.partition(b";")[0], 16)
        writer.write(line + b"\r\n")
        await _copy_exactly(size, reader, writer)
        # After the last chunk this is the end of the body, as nobody here sends trailers.
        writer.write(await read_line(reader) + b"\r\n")


async def _copy_exactly(size: int, reader: StreamReader, writer: StreamWriter) -> None:
    while size > 0:
        piece = await reader.readexactly(min(size, PIECE))
        size -= len(piece)
        writer.write(piece)
        await writer.drain()


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    writer.close()


async def _run(rules: Rules, certificate: str, upstream: Address, https: int, http: int) -> None:
    router = Router(rules, upstream)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    for scheme, port, context in (("https", https, tls), ("http", http, None)):

        async def serve(reader: StreamReader, writer: StreamWriter, scheme: str = scheme) -> None:
            await router.serve((reader, writer), scheme)

        await asyncio.start_server(serve, loopback(), port, ssl=context)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()


def main(rules: Rules) -> None:
    """Serve until SIGTERM, by the words that SimulatedRouter has put on the command line."""
    certificate, host, *ports = sys.argv[1:]
    port, https, http = map(int, ports)
    asyncio.run(_run(rules, certificate, Address(host, port), https, http))
