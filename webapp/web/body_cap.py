"""No request brings more than MAX_BODY_BYTES into the application (promise 16).

Quart (0.22) reads every body eagerly into memory, on every path and before any handler runs; so the limit stands
outside of it.

Answering before a body has been read needs care with Hypercorn. It hands the body over through a short queue: once that
is full and nobody reads, its end of the answer waits for room in the same queue, and the connection hangs for ever. And
a connection that is closed with unread bytes is reset, which can destroy the answer on its way to the client. So before
an answer ends, what is left of the body is read and thrown away, for LINGER_SECONDS at the most.
"""

import asyncio
from collections.abc import Awaitable, Mapping

from .asgi import END_OF_ANSWER, App, Message, Receive, Scope, Send

# Our largest form has a few fields; 64 KiB hold a thousand of them.
MAX_BODY_BYTES = 64 * 1024

# Seconds in which a body has to arrive, from the moment a handler asks for it; after that it gets 408. The largest one
# that is allowed takes 16 s at 32 kbit/s, and whoever trickles it holds a handler no longer.
BODY_SECONDS = 20

# Long enough for 5 MB over 10 Mbit/s; a client that goes on for longer gets a reset.
LINGER_SECONDS = 5.0

# More digits than any real length has; int() of a long text would take time that grows with its square.
LENGTH_DIGITS = 20

HTTP_1 = frozenset({"1.0", "1.1"})
LENGTH = b"content-length"
# HTTP/1 announces every body by one of these; later versions need not.
LENGTH_HEADERS = frozenset({LENGTH, b"transfer-encoding"})

BODY = "gatehouse.body"
END_OF_BODY: Message = {"type": "http.request", "body": b"", "more_body": False}


def body_too_large(scope: Mapping[str, object]) -> bool:
    """Tell whether the request's body is above the limit and was withheld or cut: answer 413, use nothing of it.

    Known before anything is read if the request declares its length; of a chunked body only after reading it.
    """
    body = scope.get(BODY)
    return isinstance(body, CappedBody) and body.too_large


class BodyCap:
    """Wraps an ASGI application: lets it read no body beyond the limit, and lets no answer end in an unread one."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        if scope["type"] != "http" or not _may_have_body(scope):
            return self._app(scope, receive, send)
        body = CappedBody(receive, send, too_large=_declares_too_much(scope))
        return self._app({**scope, BODY: body}, body.receive, body.send)


def _may_have_body(scope: Scope) -> bool:
    # A list instead of any() and its generator: 1 us a page.
    return scope["http_version"] not in HTTP_1 or bool([1 for name, _ in scope["headers"] if name in LENGTH_HEADERS])


def _declares_too_much(scope: Scope) -> bool:
    # Junk does not; it is the server that refuses it.
    lengths = (value for name, value in scope["headers"] if name == LENGTH and value.isdigit())
    return any(int(length[:LENGTH_DIGITS]) > MAX_BODY_BYTES for length in lengths)


class CappedBody:
    """The body of one request: gives ``receive`` and ``send`` to be used in the place of the server's own."""

    __slots__ = ("_count", "_ended", "_receive", "_send", "_told", "_turn", "too_large")

    def __init__(self, receive: Receive, send: Send, *, too_large: bool = False) -> None:
        self.too_large = too_large
        self._receive = receive
        self._send = send
        self._count = 0
        # The client has sent all of it, or has gone.
        self._ended = False
        # The application was told that the body is over, although more may come.
        self._told = False
        # The application and the end of its answer may both be reading.
        self._turn = asyncio.Lock()

    async def receive(self) -> Message:
        """Return the next piece of the body, or that the client has gone.

        When the limit is passed the body ends, with one byte above it: a framework that has the same limit, as Quart
        can, notices for itself that it did not get the whole.
        """
        if self.too_large and not self._told:
            self._told = True
            return END_OF_BODY
        while True:
            message = await self._next()
            if message["type"] != "http.request":
                return message
            if not self._told:
                return self._counted(message)

    def _counted(self, message: Message) -> Message:
        room = MAX_BODY_BYTES - self._count
        body = message.get("body", b"")
        self._count += len(body)
        if len(body) <= room:
            return message
        self.too_large = True
        self._told = True
        return {**END_OF_BODY, "body": body[: room + 1]}

    async def send(self, message: Message) -> None:
        """Send a piece of the answer; before its end, what is left of the body is thrown away."""
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if self._ended or not last:
            await self._send(message)
            return
        # The client has the whole answer from here on, whether it goes on sending or not.
        await self._send({**message, "more_body": True})
        await self._end_answer()

    async def _end_answer(self) -> None:
        drain = asyncio.ensure_future(self._drain())
        try:
            await asyncio.wait({drain}, timeout=LINGER_SECONDS)
            # It may still be reading: that is what keeps Hypercorn's queue from filling up while the answer ends.
            await self._send(END_OF_ANSWER)
        finally:
            drain.cancel()

    async def _drain(self) -> None:
        while not self._ended:
            async with self._turn:
                if not self._ended:
                    await self._read()

    async def _next(self) -> Message:
        async with self._turn:
            return await self._read()

    async def _read(self) -> Message:
        message = await self._receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message
