"""One request and its answer, as Hypercorn handles them; and the end of an answer that has none of its own."""

from typing import cast

from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream
from hypercorn.typing import ASGISendEvent, HTTPResponseStartEvent

from webapp.web.asgi import END_OF_ANSWER, EVENT_STREAM


class Exchange(HTTPStream):
    """One request and its answer; an answer that is a stream of events ends when the server does."""

    _is_stream = _can_be_added_to = False
    # The last piece of the answer is on its way, or has gone.
    _ended = False

    async def app_send(self, message: ASGISendEvent | None) -> None:
        """Take a message from the application; None when it has returned."""
        # An application that goes on after the end speaks to nobody. That it has returned is always heard: an end that
        # failed, as that of an answer shorter than its Content-Length does, must still close the connection.
        if message is not None and (self._ended or self.closed):
            return
        if message is not None and message["type"] == "http.response.body" and self.state is ASGIHTTPState.RESPONSE:
            self._ended = not message.get("more_body", False)
        await super().app_send(message)
        if message is not None and message["type"] == "http.response.start":
            self._is_stream = _announces_stream(message)
            self._can_be_added_to = self.scope["method"] != "HEAD" and not _tells_its_length(message)
            if self.context.terminated.is_set():
                await self.end_stream()

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
            self._ended = True
            await super().app_send(cast("ASGISendEvent", END_OF_ANSWER))


def _announces_stream(start: HTTPResponseStartEvent) -> bool:
    return any(
        name.lower() == b"content-type" and value.strip().lower().startswith(EVENT_STREAM)
        for name, value in start["headers"]
    )


def _tells_its_length(start: HTTPResponseStartEvent) -> bool:
    return any(name.lower() == b"content-length" for name, _ in start["headers"])
