"""What the server says on a stream of events in which nothing happens, so that nobody in between takes it for dead."""

import asyncio
from contextlib import suppress

import pytest
from server.in_process import connected
from server.lines import Line

from webapp.server.connection import Connection
from webapp.server.timings import Timings
from webapp.web.asgi import App, Header, Receive, Scope, Send

OFTEN = Timings(breath=0.05)
EVENTS: Header = (b"content-type", b"text/event-stream")
TEXT: Header = (b"content-type", b"text/plain")
BREATH = b"11\r\n:\nevent: breath\n\n\r\n"
# Seconds in which there is time for a few breaths; a busy machine only makes them fewer.
A_WHILE = 0.5
PATIENCE = 20


def answering(*headers: Header, first: bytes = b"first", last: bytes = b"last", pause: float = A_WHILE) -> App:
    """Say something, be silent for a while, and say the rest."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        await asyncio.sleep(pause)
        await send({"type": "http.response.body", "body": last, "more_body": False})

    return app


async def body_of(app: App, timings: Timings = OFTEN, *, ends: bytes) -> bytes:
    async with connected(app, timings) as line:
        line.ask("/")
        async with asyncio.timeout(PATIENCE):
            answer = await line.reader.readuntil(ends)
    return bytes(answer.partition(b"\r\n\r\n")[2])


async def test_silent_stream_says_that_it_is_still_there():
    async with connected(answering(EVENTS, pause=PATIENCE), OFTEN) as line:
        line.ask("/")
        async with asyncio.timeout(PATIENCE):
            for _ in range(3):
                await line.reader.readuntil(BREATH)


async def test_what_the_application_says_comes_whole_and_in_its_place():
    body = await body_of(answering(EVENTS), ends=b"0\r\n\r\n")
    assert body.startswith(b"5\r\nfirst\r\n")
    assert body.endswith(b"4\r\nlast\r\n0\r\n\r\n")
    assert body.replace(BREATH, b"") == b"5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n"
    assert BREATH in body


async def test_stream_that_says_something_itself_is_left_alone():
    body = await body_of(answering(EVENTS), Timings(breath=PATIENCE), ends=b"0\r\n\r\n")
    assert BREATH not in body


async def test_nothing_is_added_to_another_answer():
    body = await body_of(answering(TEXT), ends=b"0\r\n\r\n")
    assert body == b"5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n"


async def test_nothing_is_added_to_one_of_a_known_length():
    body = await body_of(answering(EVENTS, (b"content-length", b"9")), ends=b"last")
    assert body == b"firstlast"


async def test_nothing_is_said_when_the_stream_has_ended():
    async with connected(answering(EVENTS, pause=0), OFTEN) as line:
        line.ask("/")
        async with asyncio.timeout(PATIENCE):
            await line.reader.readuntil(b"0\r\n\r\n")
            await asyncio.sleep(A_WHILE)
            line.ask("/")
            again = await line.reader.readuntil(b"0\r\n\r\n")
    assert again.startswith(b"HTTP/1.1 200")


async def test_nothing_is_added_where_only_the_head_was_asked_for():
    async with connected(answering(EVENTS, first=b"", last=b""), OFTEN) as line:
        line.ask("/", method="HEAD")
        async with asyncio.timeout(PATIENCE):
            await line.reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(2 * A_WHILE)
            line.ask("/", method="HEAD")
            again = await line.reader.readuntil(b"\r\n\r\n")
    assert again.startswith(b"HTTP/1.1 200")


async def test_one_stream_that_cannot_breathe_is_cut_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch):
    breathe = Connection.breathe
    faulty: list[Connection] = []

    def fail_once(connection: Connection) -> None:
        if not faulty:
            faulty.append(connection)
            raise RuntimeError("It cannot breathe.")
        breathe(connection)

    monkeypatch.setattr(Connection, "breathe", fail_once)
    async with connected(answering(EVENTS, pause=PATIENCE), OFTEN) as one:
        one.ask("/")
        with suppress(ConnectionError):
            await one.rest()
        other = Line(*await asyncio.open_connection(*one.writer.get_extra_info("peername")))
        other.ask("/")
        async with asyncio.timeout(PATIENCE):
            await other.reader.readuntil(BREATH)
        other.close()


@pytest.mark.parametrize("more", ["", "\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
async def test_client_that_leaves_is_noticed_whatever_it_has_sent_besides(more: str):
    left = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [EVENTS]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async with connected(app, OFTEN) as line:
        line.ask("/")
        async with asyncio.timeout(PATIENCE):
            await line.reader.readuntil(b"first")
            line.write(more)
            await line.reader.readuntil(BREATH)
            line.close()
            await left.wait()
