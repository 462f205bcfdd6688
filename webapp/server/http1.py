"""HTTP/1.1 and 1.0, and nothing else.

Hypercorn on its own answers every ``Upgrade: h2c`` by switching to HTTP/2. Heroku's router and many a proxy let that
pass, and what follows on the connection reaches us without them: client address and scheme could be forged. Servers
may ignore any upgrade (RFC 9110, 7.8), and this one ignores them all.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import h11
from hypercorn.events import Closed, RawData, Updated
from hypercorn.events import Event as ServerEvent
from hypercorn.protocol.events import Body, EndBody, Event, Request, Response, StreamClosed
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol
from hypercorn.typing import ConnectionState

from webapp.web.asgi import Header

from .answer import Answer
from .exchange import Exchange
from .ordinary import ordinary_request

VERSIONS = {b"1.0", b"1.1"}
VERSION_NOT_SUPPORTED = 505
# A comment, and an event without data, which nobody is told of by the HTML standard (9.2.6); but a page that reads the
# stream itself can hear by it that the line lives.
BREATH = b":\nevent: breath\n\n"
# Of a client after which there can be no next request: its last one has not come whole, or it has said that it ends. In
# all other states h11 waits for our answer.
OVER = frozenset({h11.IDLE, h11.SEND_BODY, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR})
NO_BODY: Header = (b"content-length", b"0")

log = logging.getLogger(__name__)


class Http1(H11Protocol):
    """One connection's requests, one after the other; takes Hypercorn's own arguments.

    ``refusal_headers`` are added to the answers that the application never sees: to what is not HTTP, too large or
    too slow.
    """

    # It reads the requests. What is written it is not told, so that each request has one of its own.
    connection: h11.Connection

    def __init__(self, *args: Any, refusal_headers: Iterable[Header]) -> None:
        super().__init__(*args)
        self._refusal_headers = list(refusal_headers)
        self._answer: Answer | None = None
        # The request under way is one that h11 knows nothing of.
        self._is_ordinary = False

    @property
    def awaits_body(self) -> bool:
        """Whether a request has begun whose body has not come to its end."""
        return self.connection.their_state is h11.SEND_BODY

    async def handle(self, event: ServerEvent) -> None:
        """Take in what the client has sent, or that it has gone."""
        if not isinstance(event, RawData):
            await super().handle(event)
        elif self._is_between_requests and (request := ordinary_request(event.data, self.connection_state)):
            await self._begin_ordinary(request)
        elif self._is_ordinary:
            await self._keep_for_later(event.data)
        else:
            await super().handle(event)

    async def stream_send(self, event: Event) -> None:
        """Send a piece of the answer; once the server stops, each one is the last of its connection and says so."""
        if isinstance(event, StreamClosed):
            await self._maybe_recycle()
        # One that was refused in the middle of its body has its answer.
        elif self._answer is not None and not self._answer.ended and (data := self._written(event, self._answer)):
            await self.send(RawData(data))

    def _written(self, event: Event, answer: Answer) -> bytes:
        if isinstance(event, Body):
            return answer.piece(event.data)
        if isinstance(event, Response):
            answer.closes = answer.closes or self.context.terminated.is_set()
            return answer.begin(event.status_code, event.headers)
        return answer.end() if isinstance(event, EndBody) else b""

    async def end_stream(self) -> None:
        """End the answer that is being given, if it is a stream of events."""
        if isinstance(self.stream, Exchange):
            await self.stream.end_stream()

    def breath(self) -> bytes:
        """Return what says that a stream of events is still there, a comment of it; empty when the answer is none.

        Not by the application: on the way through all of its layers each would take many times as long, and thousands
        of streams breathe.
        """
        if self._answer is None or not isinstance(self.stream, Exchange) or not self.stream.is_endless:
            return b""
        return self._answer.piece(BREATH)

    def refuse(self, status: int) -> bytes:
        """Log and return the answer to what the application never sees whole; empty when an answer has begun."""
        if self._answer is not None and self._answer.began:
            return b""
        self._log_refusal(status)
        self._answer = Answer("GET", "1.1", closes=True)
        return self._answer.begin(status, [NO_BODY, *self._refusal_headers]) + self._answer.end()

    def _log_refusal(self, status: int) -> None:
        # Whoever connects to us, which may be a proxy. Nothing that was sent is repeated.
        peer = self.client[0] if self.client else None
        sentence = "Refused what %s sent: %s %s."
        log.info(sentence, peer, status, HTTPStatus(status).phrase, extra={"fields": {"status": status, "peer": peer}})

    async def _send_error_response(self, status_code: int) -> None:
        await self.send(RawData(self.refuse(status_code)))

    async def _check_protocol(self, event: h11.Request) -> None:
        """Grant no upgrade."""

    @property
    def _is_between_requests(self) -> bool:
        return self.stream is None and self.connection.their_state is h11.IDLE and not self.connection.trailing_data[0]

    async def _begin_ordinary(self, request: Request) -> None:
        self._is_ordinary = True
        await self.send(Updated(idle=False))
        last = self.keep_alive_requests >= self.config.keep_alive_max_requests
        exchange = await self._begin(request, Answer(request.method, request.http_version, closes=last))
        await exchange.handle(EndBody(STREAM_ID))

    async def _keep_for_later(self, data: bytes) -> None:
        """Have h11 read what came during an ordinary request, after that; an end is heard at once."""
        self.connection.receive_data(data)
        if self.connection.trailing_data[0]:
            await self.can_read.clear()
            await self.can_read.wait()
            await self._handle_events()

    async def _create_stream(self, request: h11.Request) -> None:
        if request.http_version not in VERSIONS:
            await self._send_error_response(VERSION_NOT_SUPPORTED)
            await self.send(Closed())
            return
        begun = _event(request, self.connection_state)
        await self._begin(begun, Answer(begun.method, begun.http_version, closes=self._is_last(request)))

    async def _begin(self, request: Request, answer: Answer) -> Exchange:
        self._answer = answer
        self.stream = exchange = Exchange(
            self.app,
            self.config,
            self.context,
            self.task_group,
            self.ssl,
            self.client,
            self.server,
            self.stream_send,
            STREAM_ID,
        )
        await exchange.handle(request)
        self.keep_alive_requests += 1
        return exchange

    def _is_last(self, request: h11.Request) -> bool:
        # HTTP/1.0 has "keep-alive" as well, which was never the same to any two; h11 does not grant it either.
        most = self.config.keep_alive_max_requests
        return request.http_version == b"1.0" or self.keep_alive_requests >= most or _wants_close(request)

    async def _maybe_recycle(self) -> None:
        """Go on with the next request, if there can be one."""
        await self._close_stream()
        answer, self._answer = self._answer, None
        stays = answer is not None and answer.ended and not answer.closes and not self.context.terminated.is_set()
        if stays and (self._is_ordinary or self.connection.their_state not in OVER):
            if not self._is_ordinary:
                self.connection = self._next_reader()
            self._is_ordinary = False
            await self.can_read.set()
            await self.send(Updated(idle=True))
        else:
            await self.can_read.set()
            await self.send(Closed())

    def _next_reader(self) -> h11.Connection:
        """Give one that knows what has come of the next request already; by itself it takes less than a microsecond."""
        begun, ended = self.connection.trailing_data
        reader = h11.Connection(h11.SERVER, max_incomplete_event_size=self.config.h11_max_incomplete_size)
        if begun:
            reader.receive_data(begun)
        if ended:
            reader.receive_data(b"")
        return reader


def _wants_close(request: h11.Request) -> bool:
    wishes = [value for name, value in request.headers if name == b"connection"]
    return any(wish.strip().lower() == b"close" for wish in b",".join(wishes).split(b","))


def _event(request: h11.Request, state: ConnectionState) -> Request:
    return Request(
        stream_id=STREAM_ID,
        headers=list(request.headers),
        http_version=request.http_version.decode("ascii"),
        method=request.method.decode("ascii").upper(),
        raw_path=request.target,
        state=state,
    )
