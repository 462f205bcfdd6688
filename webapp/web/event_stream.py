"""How an answer that never ends is written: server-sent events (HTML standard, 9.2), as htmx's extension reads them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from quart import Response, request
from quart.wrappers.response import ResponseBody

from .asgi import EVENT_STREAM

T = TypeVar("T")

KIND = EVENT_STREAM.decode()
HEADERS = {
    # A proxy that compresses holds back what it has until a block is full.
    "Cache-Control": "no-store, no-transform",
    # nginx would hold back a page of it (ngx_http_proxy_module, proxy_buffering).
    "X-Accel-Buffering": "no",
}
# Where nothing happens the server says something of its own every 20 s (webapp/server/http1.py).
COMMENT = b":\n\n"


def event(name: str, data: str, *, retry: int | None = None) -> bytes:
    """Write an event that scripts hear; ``retry``: milliseconds until the browser comes back when the line is lost."""
    again = f"retry: {retry}\n" if retry is not None else ""
    return f"{again}event: {name}\n{_data(data)}\n".encode()


def message(html: str, *, number: str = "") -> bytes:
    """Write a message that htmx puts into the page; the browser that comes back names the last ``number``."""
    last = f"id: {number}\n" if number else ""
    return f"{last}{_data(html)}\n".encode()


def last_number() -> str:
    """Return the number of the last message that the browser had before it came back; empty where it had none."""
    return request.headers.get("Last-Event-ID", "")


def answer(events: Callable[[T], AsyncIterator[bytes]], held: AbstractContextManager[T]) -> Response:
    """Answer with ``events``; ``held`` is held while they are sent, and let go however that ends."""
    response = Response(_Body(events, held), headers=HEADERS, content_type=KIND)
    # Else Quart ends every answer after RESPONSE_TIMEOUT, 60 s.
    response.timeout = None
    return response


def finished(event: bytes) -> Response:
    """Answer with one event, after which there is nothing more to say."""
    return Response(event, headers=HEADERS, content_type=KIND)


class _Body(ResponseBody):
    """What is sent. A generator alone would never let go of anything where the client left before it was begun."""

    def __init__(self, events: Callable[[Any], AsyncIterator[bytes]], held: AbstractContextManager[Any]) -> None:
        self._events = events
        self._held = held
        self._holding = ExitStack()

    async def __aenter__(self) -> Self:
        self._pieces = self._events(self._holding.enter_context(self._held))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holding.close()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces


def _data(text: str) -> str:
    return "".join(f"data: {line}\n" for line in text.splitlines() or [""])
