"""What Quart's own conversation does, ours does too: bodies in pieces, clients that leave, answers that take long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from quart import Quart, Response, request

from webapp.web import conversation
from webapp.web.asgi import Message
from webapp.web.conversation import Conversation

LEFT: Message = {"type": "http.disconnect"}
WHOLE: Message = {"type": "http.request", "body": b"", "more_body": False}
Handler = Callable[[], Awaitable[Any]]


class Client:
    """Says what it is told to, and keeps what it is answered."""

    def __init__(self, *said: Message) -> None:
        self.saying: asyncio.Queue[Message] = asyncio.Queue()
        for message in said:
            self.saying.put_nowait(message)
        self.answers: list[Message] = []

    async def asks(self, handler: Handler, *headers: tuple[bytes, bytes], config: dict[str, Any] | None = None) -> None:
        """Ask an application of this one handler, and return when that is through with it."""
        app = Quart("one")
        app.asgi_http_class = Conversation  # type: ignore[assignment]  # As in application.py.
        app.config.update(config or {})
        app.add_url_rule("/", "it", handler, methods=["GET", "POST"])
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST" if headers else "GET",
            "scheme": "https",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"localhost"), *headers],
            "client": ("192.0.2.1", 50000),
        }
        await app(scope, self.saying.get, self._hear)  # type: ignore[arg-type]  # Quart's types are of its server's.

    async def _hear(self, message: Message) -> None:
        self.answers.append(message)

    @property
    def body(self) -> bytes:
        """All of the body that came."""
        return b"".join(message.get("body", b"") for message in self.answers)


async def test_page_comes_in_one_piece_and_no_task_stands_beside_it():
    client, tasks = Client(WHOLE), []

    async def handler() -> str:
        await asyncio.sleep(0)
        tasks.append(len(asyncio.all_tasks()))
        return "page"

    before = len(asyncio.all_tasks())
    await client.asks(handler)
    assert tasks == [before]
    assert [message["type"] for message in client.answers] == ["http.response.start", "http.response.body"]
    assert client.answers[1] == {"type": "http.response.body", "body": b"page", "more_body": False}


async def test_body_that_comes_in_pieces_is_read():
    pieces = [{**WHOLE, "body": b"one ", "more_body": True}, {**WHOLE, "body": b"two"}]
    client = Client(*pieces)

    async def handler() -> str | bytes:
        return await request.get_data()

    await client.asks(handler, (b"content-length", b"7"))
    assert client.body == b"one two"


@pytest.mark.parametrize("headers", [(), ((b"content-length", b"5"),)], ids=["whole", "with a body under way"])
async def test_handler_is_cancelled_when_its_client_leaves(headers: tuple[tuple[bytes, bytes], ...]):
    client, ends = Client(*([] if headers else [WHOLE])), []

    async def handler() -> str:
        client.saying.put_nowait(LEFT)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise
        return "nobody hears this"

    async with asyncio.timeout(10):
        await client.asks(handler, *headers)
        # What cancelled the handler has not cancelled whoever has called it.
        await asyncio.sleep(0)
    assert (ends, client.answers) == (["cancelled"], [])


async def test_client_that_left_before_is_not_answered():
    client, calls = Client(LEFT), []

    async def handler() -> str:
        calls.append(1)
        return ""

    await client.asks(handler)
    assert (calls, client.answers) == ([], [])


async def test_server_that_ends_the_request_is_obeyed():
    client = Client(WHOLE)
    begun = asyncio.Event()

    async def handler() -> str:
        begun.set()
        await asyncio.sleep(60)
        return ""

    asking = asyncio.ensure_future(client.asks(handler))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert client.answers == []


async def test_stream_ends_when_its_client_leaves_and_nobody_listens_any_more(monkeypatch: pytest.MonkeyPatch):
    # It is heard from the first piece on, however long a page may take.
    monkeypatch.setattr(conversation, "PATIENCE", 3600)
    client, ends = Client(WHOLE), []

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"piece "
                await asyncio.sleep(0.01)
                client.saying.put_nowait(LEFT)
        finally:
            ends.append("ended")

    async def handler() -> Response:
        return Response(pieces())

    before = asyncio.all_tasks()
    async with asyncio.timeout(10):
        await client.asks(handler)
        await asyncio.gather(*(asyncio.all_tasks() - before), return_exceptions=True)
    assert client.body.startswith(b"piece ")
    assert ends == ["ended"]


async def test_answer_that_takes_too_long_ends():
    client = Client(WHOLE)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(60)

    async def handler() -> Response:
        return Response(pieces())

    async with asyncio.timeout(10):
        await client.asks(handler, config={"RESPONSE_TIMEOUT": 0.1})
    assert client.body == b"first"
    assert client.answers[-1]["more_body"]
