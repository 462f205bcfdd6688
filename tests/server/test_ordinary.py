"""Heads that are read at once are read as h11 reads them; all others are left to it."""

import h11
import pytest
from hypercorn.typing import ConnectionState
from hypothesis import given
from hypothesis import strategies as some

from webapp.server.ordinary import ordinary_request

STATE = ConnectionState({})
HOST = b"Host: example.com\r\n"
BROWSER = (
    b"GET /dashboard?a=b HTTP/1.1\r\nHost: example.com\r\nUser-Agent:Mozilla/5.0 (X11)\r\n"
    b"Accept: text/html, */*;q=0.8 \r\n"
    b"Connection: keep-alive\r\nCookie: a=1; b=2\r\nCookie: c=3\r\nX-Empty:\r\nX-Name: Zo\xc3\xab\r\n\r\n"
)

# All that a client may send, and what makes the difference, in any order.
PIECES = [b"GET", b"HEAD", b"POST", b" ", b"/", b"?", b"HTTP/1.1", b"HTTP/1.0", b"\r\n", b"\n", b"\r", b"\t", b"\x00"]
PIECES += [
    b":",
    b"Host",
    b"host: a",
    b"Content-Length: 0",
    b"Connection: close",
    b"Connection: keep-alive",
    b"x",
    b"\xe9",
]
PIECES += [b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Upgrade: h2c", b"\x7f", b"\x0b", b"{", b","]
LINES = some.lists(some.sampled_from(PIECES), max_size=5).map(b"".join)
HEADS = some.tuples(some.sampled_from([b"GET / HTTP/1.1", b"HEAD /a HTTP/1.1", b"GET  / HTTP/1.1"]), some.lists(LINES))


def read_by_h11(data: bytes) -> tuple[str, bytes, list[tuple[bytes, bytes]]]:
    """Read it as one request without a body, after which there may be another."""
    reader = h11.Connection(h11.SERVER)
    reader.receive_data(data)
    request, end = reader.next_event(), reader.next_event()
    assert isinstance(request, h11.Request)
    assert isinstance(end, h11.EndOfMessage)
    assert request.http_version == b"1.1"
    assert (reader.their_state, reader.trailing_data) == (h11.DONE, (b"", False))
    return request.method.decode(), request.target, list(request.headers)


@given(HEADS)
def test_whatever_is_read_is_read_as_h11_reads_it(head: tuple[bytes, list[bytes]]):
    first, lines = head
    data = b"\r\n".join([first, b"Host: example.com", *lines, b"", b""])
    request = ordinary_request(data, STATE)
    if request is not None:
        assert (request.method, request.raw_path, request.headers) == read_by_h11(data)


def test_browsers_head_is_ordinary():
    request = ordinary_request(BROWSER, STATE)
    assert request is not None
    assert (request.method, request.raw_path, request.headers) == read_by_h11(BROWSER)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST,
        b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET / HTTP/1.0\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"\r\nGET / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"\r\n",
        b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /\xe9 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\n" + HOST + b"\r\n",
        *(
            b"GET / HTTP/1.1\r\n" + HOST + line + b"\r\n\r\n"
            for line in (
                b"Content-Length: 0",
                b"content-length: 5",
                b"Transfer-Encoding: chunked",
                b"Connection: close",
                b"Connection: keep-alive, close",
                b"Connection: Upgrade",
                b"Upgrade: h2c",
                b"Expect: 100-continue",
                b" folded",
                b"Name : value",
                b": value",
                b"Name: a\x00b",
                b"Name: a\nb",
                b"Name: a\rb",
                b"Name",
            )
        ),
    ],
)
def test_what_is_not_ordinary_is_left_to_h11(data: bytes):
    assert ordinary_request(data, STATE) is None
