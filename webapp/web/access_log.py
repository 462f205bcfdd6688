"""One line for every request, refused ones too, and the number under which all lines of a request are found.

It stands around all else that answers requests, so that what the others refuse is seen and every answer carries the
number. Only what the server itself answers, because it cannot be read as a request, never comes here. The client's
address and account are filled in further inside, by those who know them.
"""

import logging
import os
import re
from collections.abc import Iterable
from functools import partial
from time import perf_counter

from webapp.logs.contents import method_for_log, path_for_log
from webapp.logs.requests import RequestRecord, recorded
from webapp.logs.scrubbing import scrubbed
from webapp.logs.secret_paths import secret_of

from .asgi import EVENT_STREAM, App, Header, Message, Receive, Scope, Send
from .proxies import HEALTH_PATHS

log = logging.getLogger(__name__)

# Heroku's router sends a UUID, other proxies other forms; a client may send one of its own. It names a request in the
# log and on error pages, where nothing may be in it that is not a name.
REQUEST_ID_HEADER = b"x-request-id"
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")
# 64 random bits tell requests apart; nothing is protected by them.
OWN_ID_BYTES = 8

# What these say lets somebody in; no line of the request may repeat it.
CREDENTIALS = frozenset({b"authorization", b"proxy-authorization"})
COOKIES = b"cookie"

SENTENCE = "%s %s %s %.0f ms%s"

OK = 200
INTERNAL_SERVER_ERROR = 500
# ASGI: a websocket that is closed before it was accepted is answered so.
FORBIDDEN = 403
MILLISECONDS = 1000


class AccessLog:
    """Wraps an ASGI application: writes a line when a request has ended, and sends ``X-Request-Id`` with its answer.

    The number is that of the request's only ``X-Request-Id``, where it has the form of one, else our own.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; ``lifespan`` is none."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = _record_of(scope)
        with recorded(request):
            answer = _Answer(request, receive, send)
            try:
                await self._app(scope, answer.receive, answer.send)
            except Exception as error:
                answer.error = error
                raise
            finally:
                answer.log()


class _Answer:
    """What becomes of one request."""

    __slots__ = ("_began", "_complete", "_left", "_receive", "_request", "_send", "_status", "_stream", "error")

    def __init__(self, request: RequestRecord, receive: Receive, send: Send) -> None:
        self._began = perf_counter()
        self._request = request
        self._receive = receive
        self._send = send
        self._status: int | None = None
        self._complete = False
        self._left = self._stream = False
        self.error: Exception | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"].endswith("disconnect"):
            self._left = True
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind.endswith("response.start"):
            self._status = message["status"]
            self._stream = (b"content-type", EVENT_STREAM) in message.get("headers", ())
            number = (REQUEST_ID_HEADER, self._request.id.encode("ascii"))
            message = {**message, "headers": [*message.get("headers", ()), number]}
        elif kind == "websocket.close" and self._status is None:
            self._status = FORBIDDEN
        await self._send(message)
        self._complete = kind == "websocket.close" or (
            kind.endswith("response.body") and not message.get("more_body", False)
        )

    def log(self) -> None:
        """Write the line."""
        if self.error is not None and self._status is None:
            # The server gives this answer in its own words.
            self._status = INTERNAL_SERVER_ERROR
        milliseconds = (perf_counter() - self._began) * MILLISECONDS
        level = self._level()
        if not log.isEnabledFor(level):
            return
        request, error = self._request, self.error
        told = (request.method, request.path, self._status or "-", milliseconds, self._end())
        fields = {"status": self._status, "milliseconds": round(milliseconds, 1)}
        # log.log() would look through the stack for the file and line that it was called in (3 us a page), which no
        # line tells: this is what it does besides.
        trace = None if error is None else (type(error), error, error.__traceback__)
        record = logging.LogRecord(log.name, level, "", 0, SENTENCE, told, trace)
        record.__dict__["fields"] = fields
        log.handle(record)

    def _level(self) -> int:
        status = self._status or 0
        if status >= INTERNAL_SERVER_ERROR:
            return logging.ERROR if status == INTERNAL_SERVER_ERROR else logging.WARNING
        # Platforms ask every few seconds whether all is well; only another answer than yes is news.
        well = self._request.path in HEALTH_PATHS and status == OK
        return logging.DEBUG if well else logging.INFO

    def _end(self) -> str:
        if self._complete:
            return ""
        if self.error is not None:
            return ", failed outside of every page"
        if self._stream:
            # Nearly all of them end so, and whoever ended them: a stream has no end of its own.
            return ", a stream"
        # Else the server is stopping, or the answer took longer than it may.
        return ", the client left" if self._left else ", cut short"


def _record_of(scope: Scope) -> RequestRecord:
    path, headers = scope["path"], scope["headers"]
    number = _request_id([value for name, value in headers if name == REQUEST_ID_HEADER])
    # A websocket's scope has no method; it is asked for by GET.
    method = method_for_log(scope.get("method", "GET"))
    return RequestRecord(number, method, path_for_log(path), find_secrets=partial(_secrets_of, path, headers))


def _secrets_of(path: str, headers: Iterable[Header]) -> list[str]:
    """Return what somebody else could use of a request who reads it."""
    secrets = [secret_of(path)]
    for name, value in headers:
        if name == COOKIES:
            secrets += [pair.partition("=")[2] for pair in value.decode("latin-1").split(";")]
        elif name in CREDENTIALS:
            secrets.append(value.decode("latin-1").rpartition(" ")[2])
    return secrets


def _request_id(numbers: list[bytes]) -> str:
    if len(numbers) == 1 and REQUEST_ID.fullmatch(numbers[0]):
        number = numbers[0].decode("ascii")
        # One that looks like a secret would be masked in the log, and then name nothing.
        if scrubbed(number) == number:
            return number
    return os.urandom(OWN_ID_BYTES).hex()
