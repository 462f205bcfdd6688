"""One request and its answer, as Hypercorn handles them; and the end of an answer that has none of its own."""

from typing import cast

from hypercorn.protocol.events import Body, Response
from hypercorn.protocol.h11 import STREAM_ID
from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream
from hypercorn.typing import ASGISendEvent, HTTPResponseStartEvent
from hypercorn.utils import UnexpectedMessageError

from webapp.web.asgi import EVENT_STREAM, Message


class Exchange(HTTPStream):
    """One request and its answer; an answer that is a stream of events ends when the server does."""

    _is_stream = _can_be_added_to = False
    # The last piece of the answer is on its way, or has gone.
    _ended = False

    async def app_send(self, message: ASGISendEvent | None) -> None:
        """Take a message from the application; None when it has returned."""
        # An application that goes on after the end speaks to nobody. That it has returned is always heard: an end that
        # failed, as that of an answer shorter than its Content-Length does, must still close the connection.
        if message is None:
            await super().app_send(None)
        elif not (self._ended or self.closed):
            # Hypercorn's own looks at each header once more, and answers for HTTP/2 and 3 too (15 us a page).
            await self._take(cast("Message", message))

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.state is ASGIHTTPState.REQUEST:
            await self._begin(message)
        elif message["type"] == "http.response.body" and self.state is ASGIHTTPState.RESPONSE:
            if body := message.get("body", b""):
                await self.send(Body(STREAM_ID, body))
            if not message.get("more_body", False):
                await self._end()
        else:
            raise UnexpectedMessageError(self.state, message["type"])

    async def _begin(self, message: Message) -> None:
        self.response = cast("HTTPResponseStartEvent", message)
        headers = {name.lower(): value for name, value in message.get("headers", ())}
        await self.send(Response(STREAM_ID, message["headers"], message["status"]))
        self.state = ASGIHTTPState.RESPONSE
        self._is_stream = headers.get(b"content-type", b"").strip().lower().startswith(EVENT_STREAM)
        self._can_be_added_to = self.scope["method"] != "HEAD" and b"content-length" not in headers
        if self.context.terminated.is_set():
            await self.end_stream()

    async def _end(self) -> None:
        self._ended = True
        await self._send_closed()

    @property
    def is_endless(self) -> bool:
        """Whether the answer is a stream of events under way, of which nobody knows how much there will be."""
        return self._is_under_way and self._can_be_added_to

    @property
    def _is_under_way(self) -> bool:
        return self._is_stream and not self._ended and not self.closed and self.state is ASGIHTTPState.RESPONSE

    async def end_stream(self) -> None:
        """End a stream of events in good order: its client sees the end, and the application that the client went.

        Any other answer goes on.
        """
        if self._is_under_way:
            await self._end()
