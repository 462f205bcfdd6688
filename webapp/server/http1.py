"""HTTP/1.1 and 1.0, and nothing else.

Hypercorn on its own answers every ``Upgrade: h2c`` by switching to HTTP/2. Heroku's router and many a proxy let that
pass, and what follows on the connection reaches us without them: client address and scheme could be forged. Servers
may ignore any upgrade (RFC 9110, 7.8), and this one ignores them all.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import h11
from hypercorn.events import Closed, RawData
from hypercorn.protocol.events import Event, Request, Response
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol
from hypercorn.typing import ConnectionState

from webapp.web.asgi import Header

from .exchange import Exchange

VERSIONS = {b"1.0", b"1.1"}
VERSION_NOT_SUPPORTED = 505
# A comment, and an event without data, which nobody is told of by the HTML standard (9.2.6); but a page that reads the
# stream itself can hear by it that the line lives.
BREATH = b":\nevent: breath\n\n"
LAST_ANSWER: Header = (b"connection", b"close")

log = logging.getLogger(__name__)


class Http1(H11Protocol):
    """One connection's requests, one after the other; takes Hypercorn's own arguments.

    ``refusal_headers`` are added to the answers that the application never sees: to what is not HTTP, too large or
    too slow.
    """

    def __init__(self, *args: Any, refusal_headers: Iterable[Header]) -> None:
        super().__init__(*args)
        self._refusal_headers = list(refusal_headers)

    @property
    def awaits_body(self) -> bool:
        """Whether a request has begun whose body has not come to its end."""
        return self.connection.their_state is h11.SEND_BODY

    async def stream_send(self, event: Event) -> None:
        """Send a piece of an answer; once the server stops, each one is the last of its connection and says so."""
        if isinstance(event, Response) and self.context.terminated.is_set():
            event = replace(event, headers=[*event.headers, LAST_ANSWER])
        await super().stream_send(event)

    async def end_stream(self) -> None:
        """End the answer that is being given, if it is a stream of events."""
        if isinstance(self.stream, Exchange):
            await self.stream.end_stream()

    def breath(self) -> bytes:
        """Return what says that a stream of events is still there, a comment of it; empty when the answer is none.

        Not by the application: on the way through all of its layers each would take many times as long, and thousands
        of streams breathe.
        """
        if not isinstance(self.stream, Exchange) or not self.stream.is_endless:
            return b""
        return self.connection.send(h11.Data(data=BREATH)) or b""

    def refuse(self, status: int) -> bytes:
        """Log and return the answer to what the application never sees whole; empty when an answer has begun."""
        if self.connection.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return b""
        self._log_refusal(status)
        headers = [(b"content-length", b"0"), LAST_ANSWER, *self._refusal_headers]
        headers += self.config.response_headers("h11")
        response = h11.Response(status_code=status, headers=headers)
        return self.connection.send(response) + self.connection.send(h11.EndOfMessage())

    def _log_refusal(self, status: int) -> None:
        # Whoever connects to us, which may be a proxy. Nothing that was sent is repeated.
        peer = self.client[0] if self.client else None
        sentence = "Refused what %s sent: %s %s."
        log.info(sentence, peer, status, HTTPStatus(status).phrase, extra={"fields": {"status": status, "peer": peer}})

    async def _send_error_response(self, status_code: int) -> None:
        await self.send(RawData(self.refuse(status_code)))

    async def _check_protocol(self, event: h11.Request) -> None:
        """Grant no upgrade."""

    async def _create_stream(self, request: h11.Request) -> None:
        if request.http_version not in VERSIONS:
            await self._send_error_response(VERSION_NOT_SUPPORTED)
            await self.send(Closed())
            return
        self.stream = Exchange(
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
        await self.stream.handle(_event(request, self.connection_state))
        self.keep_alive_requests += 1


def _event(request: h11.Request, state: ConnectionState) -> Request:
    return Request(
        stream_id=STREAM_ID,
        headers=list(request.headers),
        http_version=request.http_version.decode("ascii"),
        method=request.method.decode("ascii").upper(),
        raw_path=request.target,
        state=state,
    )
