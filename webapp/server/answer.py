"""An answer as bytes of HTTP/1.1 (RFC 9112): its head, its pieces, and where it ends.

h11, which reads our requests, writes answers as well, for 45 us a page: it looks at each header by itself, and sends
the head and the end on their own. This takes 10 us, and gives head and body as one piece, which is one call of the
system in the place of three.
"""

import re
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus
from wsgiref.handlers import format_date_time

from webapp.web.asgi import Header

# RFC 9110: a name is a token (5.6.2), and a value has no control character, least of all one that ends a line (5.5).
TOKENS = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*")
CONTROLS = bytes({*range(0x20), 0x7F} - {ord("\t")})
END_OF_LINE = b"\r\n"
LAST_ANSWER: Header = (b"connection", b"close")
CONNECTION, LENGTH, ENCODING = b"connection", b"content-length", b"transfer-encoding"
CHUNKED: Header = (ENCODING, b"chunked")
END_OF_CHUNKS = b"0\r\n\r\n"
# RFC 9110, 6.4.1: these have none, whatever their headers tell.
WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
REASONS = {status.value: status.phrase for status in HTTPStatus}


class Answer:
    """The answer to one request: what it is asked for is what is to be sent next.

    ``closes`` says that the connection ends with it: since the client or the server wants that, or because only so the
    client will know where it ends. Raises ValueError for what is no answer.
    """

    __slots__ = ("_chunked", "_has_body", "_head", "_left", "_version", "began", "closes", "ended")

    def __init__(self, method: str, version: str, *, closes: bool) -> None:
        self.closes = closes
        self.began = self.ended = False
        self._version = version
        self._has_body = method != "HEAD"
        # What was not sent yet, since it goes with the first piece of the body.
        self._head = b""
        self._chunked = False
        # Of the body, in bytes, where the head tells how long that is.
        self._left: int | None = None

    def begin(self, status: int, headers: Sequence[Header]) -> bytes:
        """Give the head, unless it goes with the first piece of a body: nobody knows when that of a stream comes."""
        lines = header_lines([*headers, *self._frame(status, headers)])
        head = b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, _reason(status), lines)
        self.began = True
        self._has_body = self._has_body and status not in WITHOUT_BODY
        if self._left is None:
            return head
        self._head = head
        return b""

    def piece(self, body: bytes) -> bytes:
        """Give what is to be sent for a piece of the body: with the first one the head comes too."""
        head, self._head = self._head, b""
        if not body or not self._has_body:
            return head
        if self._chunked:
            return b"%b%x\r\n%b\r\n" % (head, len(body), body)
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0:
                raise ValueError("An answer was longer than its Content-Length.")
        return head + body

    def end(self) -> bytes:
        """Give what is to be sent where the answer ends, if anything."""
        if self._left and self._has_body:
            raise ValueError("An answer was shorter than its Content-Length.")
        self.ended = True
        head, self._head = self._head, b""
        return head + END_OF_CHUNKS if self._chunked and self._has_body else head

    def _frame(self, status: int, headers: Iterable[Header]) -> Iterable[Header]:
        """Give the headers that are to be added, and know how the client is told where the body ends."""
        told = {name.lower(): value for name, value in headers}
        if ENCODING in told:
            raise ValueError("How an answer is sent is for the server to choose.")
        if LENGTH in told:
            if not told[LENGTH].isdigit():
                raise ValueError("An answer tells a length that is none.")
            self._left = int(told[LENGTH])
        elif status not in WITHOUT_BODY:
            self._chunked = self._version != "1.0"
            self.closes = self.closes or not self._chunked
            if self._chunked:
                yield CHUNKED
        self.closes = self.closes or told.get(CONNECTION, b"").lower() == b"close"
        if self.closes and CONNECTION not in told:
            yield LAST_ANSWER
        yield b"date", _date(int(time.time()))


def header_lines(headers: Sequence[Header]) -> bytes:
    """Give headers as they are sent. Raises ValueError where one would be read as another, or as more than one."""
    # All at once: 2 us for the headers of a page, 6 by one expression for whole lines, and 12 one by one.
    names = [name for name, _ in headers]
    block = b"".join([b"%b: %b\r\n" % header for header in headers])
    controls = len(block) - len(block.translate(None, CONTROLS))
    if b"" in names or not TOKENS.fullmatch(b"".join(names)) or controls != len(headers) * len(END_OF_LINE):
        raise ValueError("A header of an answer has a character in it that none may have.")
    return block


def _reason(status: int) -> bytes:
    return REASONS.get(status, "").encode("ascii")


# Every answer of a second tells the same.
@lru_cache(maxsize=1)
def _date(seconds: int) -> bytes:
    return format_date_time(seconds).encode("ascii")
