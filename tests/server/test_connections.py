"""Connections in this process, on sockets that have no network behind them."""

import asyncio
import gc
import logging
import socket
import weakref
from collections.abc import Iterator
from contextlib import closing

import pytest
from server.in_process import server_context

from webapp.server.connection import Connection
from webapp.server.connections import Connections
from webapp.server.timings import Timings
from webapp.web.asgi import App, Receive, Scope, Send

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
# More than a small socket takes, and less than the event loop keeps for it: the application need not wait.
REST = 50_000


@pytest.fixture
def collector_off() -> Iterator[None]:
    """Let nothing go but what nobody refers to any more."""
    gc.disable()
    yield
    gc.enable()


async def answers_much(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % REST)]})
    await send({"type": "http.response.body", "body": b"a" * REST})


async def promises_more_than_it_gives(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"short"})


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("A bug.")


async def visit(app: App, timings: Timings) -> tuple[socket.socket, asyncio.Task[None]]:
    """Send a request that is the last on its connection; return the client's end, and the server's task."""
    client, served = socket.socketpair()
    served.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.setblocking(False)
    client.send(REQUEST)
    connections = Connections(server_context(app, timings), most=1)
    connections.add(served)
    [task] = connections._tasks
    return client, task


async def test_client_that_does_not_read_the_end_of_its_answer_is_cut():
    client, task = await visit(answers_much, Timings(farewell=0.2))
    with closing(client):
        async with asyncio.timeout(10):
            await task


async def test_client_that_reads_the_end_late_gets_the_whole():
    client, task = await visit(answers_much, Timings(farewell=30))
    with closing(client):
        await asyncio.sleep(0.3)
        received = b""
        while piece := await asyncio.get_running_loop().sock_recv(client, 1000):
            received += piece
        assert received.endswith(b"\r\n\r\n" + b"a" * REST)
        await task


async def test_error_that_the_application_lets_out_is_logged_and_answered(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.ERROR)
    client, task = await visit(fails, Timings())
    with closing(client):
        await task
        assert client.recv(1000).startswith(b"HTTP/1.1 500 ")
    assert "A bug." in caplog.text


async def test_answer_that_is_shorter_than_it_said_ends_the_connection(caplog: pytest.LogCaptureFixture):
    """The client must not wait for the rest, and the place is free again."""
    caplog.set_level(logging.ERROR)
    client, task = await visit(promises_more_than_it_gives, Timings())
    with closing(client):
        async with asyncio.timeout(10):
            await task
        assert client.recv(1000).endswith(b"\r\n\r\nshort")
        assert client.recv(1000) == b""
    assert "An answer was shorter than its Content-Length." in caplog.text


async def test_connection_that_has_ended_goes_without_the_collector(collector_off: None):
    client, served = socket.socketpair()
    seen: list[weakref.ref[Connection]] = []

    async def looks(scope: Scope, receive: Receive, send: Send) -> None:
        [connection] = connections._open
        seen.append(weakref.ref(connection))
        await answers_much(scope, receive, send)

    connections = Connections(server_context(looks, Timings()), most=1)
    client.setblocking(False)
    client.send(REQUEST)
    connections.add(served)
    with closing(client):
        async with asyncio.timeout(10):
            while await asyncio.get_running_loop().sock_recv(client, REST):
                pass
            while seen[0]() is not None:  # noqa: ASYNC110  (It goes without a word.)
                await asyncio.sleep(0.01)
