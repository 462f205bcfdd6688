"""Ways to the real server through proxies of a few lines, each of which does one thing to the heads of requests."""

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from proxies.head import Head
from proxies.router import Router, Rules
from proxies.running import Address

NAME = "gatehouse.test"

Change = Callable[[Head, str, str], None]


@dataclass(frozen=True)
class Does:
    """A proxy that does ``change`` to the head of each request: it is given the client's address and the scheme."""

    change: Change

    def refused(self, _head: Head, _scheme: str) -> bytes | None:
        """Let everything pass."""
        return None

    def request(self, head: Head, client: str, scheme: str) -> None:
        """Change it."""
        # A connection that was kept for later would outlive the test.
        head.put(b"connection", b"close")
        self.change(head, client, scheme)

    def answer(self, _head: Head) -> None:
        """Leave it as it is."""


@dataclass(frozen=True)
class Answers(Does):
    """Something in front that answers by itself, by what ``answer_to`` makes of the head; None passes it on."""

    answer_to: Callable[[Head], bytes | None]

    def refused(self, head: Head, _scheme: str) -> bytes | None:
        """Answer."""
        return self.answer_to(head)


@dataclass(frozen=True)
class Behaves(Does):
    """A platform's router."""

    rules: Rules

    def refused(self, head: Head, scheme: str) -> bytes | None:
        """Refuse what it refuses."""
        return self.rules.refused(head, scheme)


def platform(rules: Rules) -> Does:
    """Give the proxy that a platform has."""
    return Behaves(rules.request, rules)


def append(head: Head, client: str, scheme: str) -> None:
    """Do what a proxy should: add to the chain, and say the scheme that it was spoken to in."""
    head.append(b"x-forwarded-for", client.encode())
    head.put(b"x-forwarded-proto", scheme.encode())


def append_only(head: Head, client: str, _scheme: str) -> None:
    """Do what an inner one should."""
    head.append(b"x-forwarded-for", client.encode())


@dataclass(frozen=True)
class Way:
    """Where the outermost proxy listens."""

    https: int
    http: int


@asynccontextmanager
async def way_to(upstream: Address, tls: ssl.SSLContext, *proxies: Rules) -> AsyncIterator[Way]:
    """Put proxies in front of a server, the outermost one first."""
    async with AsyncExitStack() as stack:
        way = Way(0, upstream.port)
        for rules in reversed(proxies):
            way = await stack.enter_async_context(_listening(Router(rules, upstream), tls))
            upstream = Address("127.0.0.1", way.http)
        yield way


@asynccontextmanager
async def _listening(router: Router, tls: ssl.SSLContext) -> AsyncIterator[Way]:
    https = await asyncio.start_server(_door(router, "https"), "127.0.0.1", ssl=tls)
    http = await asyncio.start_server(_door(router, "http"), "127.0.0.1")
    async with https, http:
        yield Way(*(server.sockets[0].getsockname()[1] for server in (https, http)))


def _door(router: Router, scheme: str) -> Callable[[StreamReader, StreamWriter], Awaitable[None]]:
    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        await router.serve((reader, writer), scheme)

    return serve


def lead(monkeypatch: pytest.MonkeyPatch, way: Way, *names: str) -> None:
    """Let the usual ports of these names, or of NAME, be those of ``way``, as a name server and a platform do."""
    known = {(name, port): ours for name in names or (NAME,) for port, ours in ((443, way.https), (80, way.http))}
    ask = socket.getaddrinfo

    def answer(host: str, port: int, *more: int) -> object:
        if (host, port) in known:
            return ask("127.0.0.1", known[host, port], *more)
        return ask(host, port, *more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
