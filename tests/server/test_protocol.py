"""What is spoken: HTTP/1.1 and 1.0, and nothing else, whatever the client proposes."""

import asyncio

import pytest
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from server.conftest import Serve
from upgrades import H2C, WEBSOCKET

from webapp.server.connection import Connection
from webapp.server.exchange import Exchange
from webapp.server.http1 import Http1


@pytest.mark.parametrize("headers", [H2C, WEBSOCKET, ("Connection: Upgrade", "Upgrade: TLS/1.0")])
async def test_upgrade_is_not_granted_and_the_connection_goes_on(serve: Serve, headers: tuple[str, ...]):
    """Behind a router that lets upgrades pass, requests after one would reach us without the router."""
    stage = await serve()
    line = await stage.connect()
    for more in (headers, headers, ()):
        line.ask("/", *more)
        head, _ = await line.answer()
        assert head.status == 200
        assert "upgrade" not in head.headers


@pytest.mark.parametrize(
    "hello",
    [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/0.9\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_other_versions_are_refused(serve: Serve, hello: str):
    stage = await serve()
    line = await stage.connect()
    line.write(hello)
    head = await line.head()
    assert (head.status, head.headers["connection"], head.headers["x-refused"]) == (505, "close", "yes")
    assert await line.hears_the_end()


async def test_http_1_0_is_answered_and_closed(serve: Serve):
    stage = await serve()
    line = await stage.connect()
    line.write("GET / HTTP/1.0\r\n\r\n")
    assert (await line.answer())[0].status == 200
    assert await line.hears_the_end()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET /\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (f"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: {'a' * 70_000}", 431),
    ],
    ids=["HTTP/0.9", "no host", "TLS", "too large"],
)
async def test_what_is_no_request_is_refused_with_our_headers(serve: Serve, request_text: str, status: int):
    stage = await serve()
    line = await stage.connect()
    line.write(request_text)
    head = await line.head()
    assert (head.status, head.headers["x-refused"]) == (status, "yes")


async def test_requests_that_come_all_at_once_are_answered_in_their_order(serve: Serve):
    stage = await serve()
    line = await stage.connect()
    line.ask("/slow/0.3")
    line.ask("/")
    line.ask("/slow/0.1")
    bodies = [(await line.answer())[1] for _ in range(3)]
    assert [bodies[0], bodies[2]] == ["whole answer"] * 2
    assert bodies[1].isdigit()


async def test_client_that_hangs_up_ends_its_stream(serve: Serve):
    stage = await serve()
    line = await stage.connect()
    line.ask("/events")
    await line.reader.readuntil(b"now")
    line.close()
    await stage.until(lambda: stage.marks("stream ended"))


async def test_body_arrives_whole(serve: Serve):
    stage = await serve()
    line = await stage.connect()
    line.ask("/body", "Content-Length: 1000000", method="POST")
    for _ in range(10):
        line.write("a" * 100_000)
        await asyncio.sleep(0.01)
    assert (await line.answer())[1] == "1000000"


@pytest.mark.parametrize(
    ("ours", "hypercorns", "names"),
    [
        (Connection, TCPServer, {"run", "protocol_send", "_read_data", "_close", "__await__", "send_lock"}),
        (
            Http1,
            H11Protocol,
            {"stream_send", "_send_error_response", "_check_protocol", "_create_stream", "_maybe_recycle", "handle"},
        ),
        (Exchange, HTTPStream, {"app_send"}),
    ],
)
def test_hypercorn_still_calls_what_we_replace(ours: type, hypercorns: type, names: set[str]):
    """An upgrade that renames one of these would quietly bring its own behaviour back."""
    replaced = names & vars(ours).keys()
    assert replaced
    assert replaced <= vars(hypercorns).keys()
    assert not {name for name in vars(ours).keys() & vars(hypercorns).keys() if not name.startswith("__")} - names
