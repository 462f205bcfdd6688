"""Bodies whose end is told in two ways: a request that hides in one is never served as somebody else's (promise 16).

What counts is that each proxy and the server behind it see the same requests. Where a proxy takes the hidden one for
the next request of the same client, it is that: then the proxy has told the client's true address.
"""

from collections.abc import Callable

import pytest
from proxies.clients import Clients, new_address
from proxies.landscape import Route
from proxies.wire import LAST, Fields, Http2, everything, forged_lines, request
from proxies.witnesses import logged_address, logged_addresses, new_id

CHUNKED = "Transfer-Encoding: chunked"
# The end of a chunked body, where the hidden request begins.
NO_CHUNKS = b"0\r\n\r\n"


def with_length(body: bytes, *further: str, length: str = "{}", version: str = "1.1") -> bytes:
    """Write a request whose Content-Length counts the whole body, and what ``further`` headers say of it."""
    return request("POST /login", f"Content-Length: {length.format(len(body))}", *further, body=body, version=version)


def in_a_chunk(hidden: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "length and chunked": lambda hidden: with_length(NO_CHUNKS + hidden, CHUNKED),
    "length within chunked": lambda hidden: with_length(in_a_chunk(hidden), CHUNKED, length="4"),
    "an unknown coding": lambda hidden: with_length(NO_CHUNKS + hidden, "Transfer-Encoding: xchunked"),
    "a tab before chunked": lambda hidden: with_length(NO_CHUNKS + hidden, "Transfer-Encoding:\tchunked"),
    "a space before the colon": lambda hidden: with_length(NO_CHUNKS + hidden, "Transfer-Encoding : chunked"),
    "two codings": lambda hidden: with_length(NO_CHUNKS + hidden, CHUNKED, "Transfer-Encoding: identity"),
    "a bare line feed": lambda hidden: with_length(NO_CHUNKS + hidden, f"X-Line: end\n{CHUNKED}"),
    "HTTP/1.0": lambda hidden: with_length(NO_CHUNKS + hidden, CHUNKED, "Connection: keep-alive", version="1.0"),
    "two lengths": lambda hidden: with_length(hidden, "Content-Length: 0"),
    "a signed length": lambda hidden: with_length(hidden, length="+{}"),
    "a body that waits": lambda hidden: with_length(hidden, "Expect: 100-continue"),
    "a body in a GET": lambda hidden: with_length(hidden).replace(b"POST", b"GET", 1),
    "a line feed in a chunk's size": lambda hidden: request("POST /login", CHUNKED, body=b"0;\n\r\n" + hidden),
    "a hexadecimal sign": lambda hidden: request("POST /login", CHUNKED, body=b"0x" + NO_CHUNKS + hidden),
}
# The same where the client speaks HTTP/2, whose frames tell the length, and the proxy has to write it down anew.
FRAMES: dict[str, Fields] = {
    "length too short": [("content-length", "0")],
    "chunked in HTTP/2": [("transfer-encoding", "chunked")],
    "chunked within a value": [("x-line", "end\r\ntransfer-encoding: chunked")],
    "chunked within a name": [("x-line: end\r\ntransfer-encoding", "chunked")],
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_request_hidden_in_a_body_is_nobody_elses(
    route: Route, clients: Clients, source: str, shape: str
) -> None:
    hidden = Hidden()
    async with clients.connection(route.door.https, source) as connection:
        await everything(connection, SHAPES[shape](hidden.written) + LAST)
    await assert_not_smuggled(hidden, route, clients, source)


@pytest.mark.parametrize("frames", FRAMES)
async def test_request_hidden_in_an_http_2_body_is_nobody_elses(
    real_route: Route, clients: Clients, source: str, frames: str
) -> None:
    hidden = Hidden()
    async with clients.connection(real_route.door.https, source, "h2") as connection:
        await Http2(connection).ask("POST", "/login", FRAMES[frames], NO_CHUNKS + hidden.written)
    await assert_not_smuggled(hidden, real_route, clients, source)


class Hidden:
    """A request that tells of itself all that a proxy would tell, all of it forged."""

    def __init__(self) -> None:
        self.id = new_id()
        self.written = request("GET /hidden", *forged_lines(), f"X-Request-Id: {self.id}")


async def assert_not_smuggled(hidden: Hidden, route: Route, clients: Clients, source: str) -> None:
    # The proxies keep their connections to the server: whatever was left on one of them would be the answer to this.
    other, request_id = new_address(), new_id()
    answer = await clients.client(route.door.https, other).get("/login", headers={"X-Request-Id": request_id})
    assert answer.status_code == 200
    assert await logged_address(route.gatehouse, request_id) == other
    assert logged_addresses(route.gatehouse, hidden.id) <= {source}
