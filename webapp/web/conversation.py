"""One request on its way into Quart, and its answer on the way out; in the place of Quart's own.

Quart begins two tasks for each request, one that listens to the client and one that answers, and a third that sends the
answer: with them a page takes nine turns of the event loop, and 40 us. Here a page is a single task, the server's own.
A listener stands beside it only where there is something to hear: a body, or that the client has gone from an answer
that takes its time, or never ends.
"""

import asyncio
from functools import partial
from typing import Any, cast

from quart import Quart, Request, Response
from quart.asgi import ASGIHTTPConnection
from quart.utils import encode_headers
from quart.wrappers.response import DataBody

from .asgi import Message, Receive, Send
from .request_headers import RequestHeaders
from .soon import Act, Soon

# Seconds. Answers are out by then, and nobody has to hear whether their client is still there. To listen takes 40 us,
# and a server that is full, so that each page waits for a tenth of a second, does not have them.
PATIENCE = 0.5
LISTENING = "gatehouse.listening"
BODY_HEADERS = ("Content-Length", "Transfer-Encoding")


class Conversation(ASGIHTTPConnection):
    """A request and its answer. When the client goes, whoever answers is cancelled, as Quart does it."""

    _left = False
    _listening: asyncio.Task[None] | None = None

    async def __call__(self, receive: Receive, send: Send) -> None:  # type: ignore[override]  # The same, in our words.
        """Answer the request."""
        request = self._create_request_from_scope(cast("Any", send))
        answering = cast("asyncio.Task[None]", asyncio.current_task())
        listen = partial(self._begin_to_listen, request, receive, answering)
        soon = _soon_of(self.app)
        if any(name in request.headers for name in BODY_HEADERS):
            listen()
        else:
            self._take_in(request, await receive())
            soon.add(listen)
        try:
            if not self._left:
                await self._answer(request, send, listen)
        except asyncio.CancelledError:
            # Where the client is still there, it is the server that wants an end.
            if not self._left:
                raise
            answering.uncancel()
        finally:
            soon.take_back(listen)
            if self._listening is not None:
                self._listening.cancel()
                # Else this, its listener and the error that ends it were a circle, with all of a form's request in it.
                self._listening = None

    def _take_in(self, request: Request, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self._left = True
            return
        request.body.append(message.get("body", b""))
        if not message.get("more_body", False):
            request.body.set_complete()

    def _begin_to_listen(self, request: Request, receive: Receive, answering: asyncio.Task[None]) -> None:
        if self._listening is None:
            self._listening = answering.get_loop().create_task(self._listen(request, receive, answering))

    async def _listen(self, request: Request, receive: Receive, answering: asyncio.Task[None]) -> None:
        while not self._left:
            self._take_in(request, await receive())
        answering.cancel()

    async def _answer(self, request: Request, send: Send, listen: Act) -> None:
        response = await self.app.handle_request(request)
        if isinstance(response, Response) and isinstance(response.response, DataBody):
            await _send_whole(response, response.response, send)
            return
        # It is sent as it comes, and may go on for hours.
        listen()
        timeout = response.timeout if isinstance(response, Response) else ...
        seconds = self.app.config["RESPONSE_TIMEOUT"] if timeout is ... else cast("float | None", timeout)
        try:
            async with asyncio.timeout(seconds):
                await self._send_response(cast("Any", send), response)
        except TimeoutError:
            # The server closes the connection, as nobody else can tell the client that this is not all.
            pass

    def _create_request_from_scope(self, send: Any) -> Request:  # noqa: ANN401  # Quart's own type is of its server's.
        """Make Quart's request of what the proxies' own layer has let through: a path of ours, and one Host."""
        scope = self.scope
        address = (scope.get("client") or ("<local>",))[0]
        return self.app.request_class(
            scope["method"],
            scope["scheme"],
            scope["path"],
            scope["query_string"],
            RequestHeaders(scope["headers"], address),
            scope.get("root_path", ""),
            scope["http_version"],
            max_content_length=self.app.config["MAX_CONTENT_LENGTH"],
            body_timeout=self.app.config["BODY_TIMEOUT"],
            send_push_promise=partial(self._send_push_promise, send),
            scope=scope,
        )


def _soon_of(app: Quart) -> Soon:
    found: Soon | None = app.extensions.get(LISTENING)
    if found is None:
        app.extensions[LISTENING] = found = Soon(PATIENCE)
    return found


async def _send_whole(response: Response, body: DataBody, send: Send) -> None:
    """Send what is there already: nothing of it has to be waited for."""
    start = {"type": "http.response.start", "status": response.status_code, "headers": encode_headers(response.headers)}
    await send(start)
    await send({"type": "http.response.body", "body": body.data[body.begin : body.end], "more_body": False})
