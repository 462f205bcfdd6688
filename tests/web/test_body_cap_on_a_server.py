"""Large uploads against the real server: the client gets its answer, and the server neither hangs nor collects."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from asgi_calls import Inside, guarded
from quart import Quart, request
from server.in_process import connected

from webapp.server.timings import Timings
from webapp.web import body_cap
from webapp.web.asgi import App
from webapp.web.body_cap import BodyCap, body_too_large

UPLOAD = 5_000_000
PIECE = b"a" * 65_536
# What Quart answers, and what the application that never reads does.
TOO_LARGE_OR_UNREAD = {(413, b"too large"), (200, b"inside")}
# Seconds. The rest of a body is given up long after an answer is there, so that nobody has waited for that.
LINGERING, SOON = 50, 20
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def quart_app() -> Quart:
    app = Quart("too_large")

    @app.route("/", methods=["GET", "POST"])
    async def answer() -> tuple[str, int]:
        if body_too_large(request.scope):
            return "too large", 413
        body = await request.get_data(as_text=False)
        return ("too large", 413) if body_too_large(request.scope) else (f"{len(body)} bytes", 200)

    return app


@pytest.fixture(params=["quart", "unreading"])
async def connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connection]:
    """Serve, once with Quart and once with an application that never reads, and connect."""
    monkeypatch.setattr(body_cap, "LINGER_SECONDS", LINGERING)
    app: App = quart_app() if request.param == "quart" else Inside(headers=((b"content-length", b"6"),))
    async with connected(BodyCap(guarded(app)), Timings(lingering=0)) as line:
        yield line.reader, line.writer


def head(*lines: str, host: str = "gatehouse.test") -> bytes:
    return "\r\n".join(["POST / HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


async def send_all(writer: asyncio.StreamWriter, size: int, *, chunked: bool = False) -> None:
    for _ in range(-(-size // len(PIECE))):
        piece = PIECE[: min(size, len(PIECE))]
        size -= len(piece)
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    [length] = [int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")]
    return int(lines[0].split()[1]), await reader.readexactly(length)


@pytest.mark.parametrize("chunked", [False, True])
async def test_answer_arrives_after_a_whole_upload_and_the_connection_goes_on(
    connection: Connection, *, chunked: bool
) -> None:
    reader, writer = connection
    for _ in range(2):
        writer.write(head("Transfer-Encoding: chunked" if chunked else f"Content-Length: {UPLOAD}"))
        await send_all(writer, UPLOAD, chunked=chunked)
        assert await answer_of(reader) in TOO_LARGE_OR_UNREAD


async def test_answer_arrives_before_anything_was_uploaded(connection: Connection) -> None:
    reader, writer = connection
    writer.write(head(f"Content-Length: {UPLOAD}"))
    async with asyncio.timeout(SOON):
        assert await answer_of(reader) in TOO_LARGE_OR_UNREAD


async def test_upload_that_never_ends_is_closed(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_cap, "LINGER_SECONDS", 0.5)
    _, writer = connection
    writer.write(head("Transfer-Encoding: chunked"))

    async def upload() -> None:
        while True:
            writer.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
            await writer.drain()

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(upload(), SOON)


async def test_refusal_of_the_door_arrives_after_a_whole_upload(connection: Connection) -> None:
    reader, writer = connection
    writer.write(head(f"Content-Length: {UPLOAD}", host="elsewhere.test"))
    await send_all(writer, UPLOAD)
    status, body = await answer_of(reader)
    assert status == 400
    assert b"no site at this address" in body


async def test_small_form_is_answered_at_once(connection: Connection) -> None:
    reader, writer = connection
    writer.write(head("Content-Length: 5") + b"a=b&c")
    async with asyncio.timeout(SOON):
        assert await answer_of(reader) in {(200, b"5 bytes"), (200, b"inside")}
