"""Clients with a network address of their own, which send what they like."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import trustme
from pages import Browser
from proxies.landscape import NAME, ORIGIN
from proxies.running import Address

Headers = Sequence[tuple[str, str]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# A busy machine is slow, and an answer that never comes has to fail before the test's own limit does.
PATIENCE = 20.0

_numbers = count(1)


def new_address() -> str:
    """Return an IPv4 address of this machine that no client has used before."""
    high, low = divmod(next(_numbers), 250)
    return f"127.1.{high}.{low + 1}"


class Line(httpx.AsyncHTTPTransport):
    """Connects to ``door`` whatever the address asks for, from ``source``, and speaks TLS if ``trust`` is given."""

    def __init__(self, door: Address, source: str, trust: ssl.SSLContext | None, **options: Any) -> None:
        super().__init__(verify=trust or False, local_address=source, **options)
        self._door = door
        self._scheme = "https" if trust else "http"

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme=self._scheme, host=self._door.host, port=self._door.port)
        extensions = {**request.extensions, "sni_hostname": NAME}
        assert isinstance(request.stream, httpx.AsyncByteStream)
        # Host is among the headers already, and stays.
        redirected = httpx.Request(
            request.method, url, headers=request.headers.raw, stream=request.stream, extensions=extensions
        )
        return await super().handle_async_request(redirected)


@dataclass
class Clients:
    """Opens clients, and closes them at the end of the test."""

    authority: trustme.CA
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def client(
        self, port: int, source: str, headers: Headers = (), *, tls: bool = True, http2: bool = False
    ) -> httpx.AsyncClient:
        """Open a client at the address ``source`` that sends ``headers`` with every request."""
        trust = self._trust() if tls else None
        line = Line(door(port, source), source, trust, http1=not http2, http2=http2)
        client = httpx.AsyncClient(transport=line, base_url=ORIGIN, headers=list(headers), timeout=PATIENCE)
        self.opened.append(client)
        return client

    def browser(self, port: int, source: str, headers: Headers = (), **options: bool) -> Browser:
        """Open a browser at the address ``source``."""
        return Browser(self.client(port, source, headers, **options))

    @asynccontextmanager
    async def connection(self, port: int, source: str, protocol: str = "http/1.1") -> AsyncIterator[Connection]:
        """Open a connection for bytes of one's own."""
        at = door(port, source)
        trust = self._trust()
        trust.set_alpn_protocols([protocol])
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(
                at.host, at.port, ssl=trust, server_hostname=NAME, local_addr=(source, 0)
            )
            try:
                yield reader, writer
            finally:
                writer.transport.abort()

    def _trust(self) -> ssl.SSLContext:
        """Trust the proxies' certificates and no others; a new one each time, since clients change theirs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return context


def door(port: int, source: str) -> Address:
    """Give the side of a proxy that clients of this family knock at."""
    return Address("::1" if ":" in source else "127.0.0.1", port)
