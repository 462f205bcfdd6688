"""The simulated routers do what is known of the platforms'; what is behind them here tells what it got."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from ports import free_port
from proxies.clients import Clients, Connection, Headers
from proxies.head import Head, read_head
from proxies.heroku_router import HerokuRouter
from proxies.landscape import NAME, Landscape
from proxies.proxy import Proxy
from proxies.render_router import RenderRouter
from proxies.running import Address
from proxies.wire import everything, request

UNTOUCHED = ("X-Forwarded-Host", "Forwarded", "X-Real-IP", "X-Client-IP")
PORT = free_port()


class Behind:
    """A server that writes down what it gets, and knows one upgrade: after it, it sends back every byte."""

    def __init__(self) -> None:
        self.heads: list[Head] = []
        self.bodies: list[bytes] = []
        self.open: list[Connection] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.append((reader, writer))
        while head := await read_head(reader):
            self.heads.append(head)
            if head.values(b"upgrade"):
                writer.write(b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
                while piece := await reader.read(1000):
                    writer.write(piece)
            elif head.values(b"transfer-encoding"):
                self.bodies.append(await reader.readuntil(b"0\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nServer: behind\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    def close(self) -> None:
        """End all connections, so that a router which keeps them knows."""
        for reader, writer in self.open:
            writer.transport.abort()
            reader.feed_eof()

    def got(self, name: str) -> list[str]:
        """Return the lines of a header in the last request."""
        return [value.decode() for value in self.heads[-1].values(name.lower().encode())]


@pytest.fixture
async def behind() -> AsyncIterator[Behind]:
    """Serve behind both routers."""
    behind = Behind()
    async with await asyncio.start_server(behind.serve, "127.0.0.1", PORT):
        yield behind
        behind.close()


@pytest.fixture
def heroku(landscape: Landscape) -> Proxy:
    """Give Heroku's router."""
    return landscape.proxy(HerokuRouter, Address("127.0.0.1", PORT))


@pytest.fixture
def render(landscape: Landscape) -> Proxy:
    """Give Render's edges."""
    return landscape.proxy(RenderRouter, Address("127.0.0.1", PORT))


async def ask(clients: Clients, router: Proxy, source: str, headers: Headers = (), *, tls: bool = True) -> int:
    port = router.https if tls else router.http
    return (await clients.client(port, source, tls=tls).get("/", headers=list(headers))).status_code


@pytest.mark.parametrize(
    ("sent", "got"),
    [([], ["{}"]), (["6.6.6.6"], ["6.6.6.6, {}"]), (["6.6.6.6", "7.7.7.7"], ["6.6.6.6", "7.7.7.7, {}"])],
)
async def test_heroku_appends_the_client_at_the_right_end(
    behind: Behind, heroku: Proxy, clients: Clients, source: str, *, sent: list[str], got: list[str]
) -> None:
    await ask(clients, heroku, source, [("X-Forwarded-For", value) for value in sent])
    assert behind.got("X-Forwarded-For") == [value.format(source) for value in got]


@pytest.mark.parametrize(("tls", "scheme", "port"), [(True, "https", "443"), (False, "http", "80")])
async def test_heroku_sets_its_five_headers_over_the_clients(
    behind: Behind, heroku: Proxy, clients: Clients, source: str, *, tls: bool, scheme: str, port: str
) -> None:
    forged = [(name, "forged") for name in ("X-Forwarded-Proto", "X-Forwarded-Port", "X-Request-Start", "Via")]
    await ask(clients, heroku, source, [*forged, ("X-Request-Id", "a b")], tls=tls)
    assert behind.got("X-Forwarded-Proto") == [scheme]
    assert behind.got("X-Forwarded-Port") == [port]
    assert behind.got("X-Request-Start")[0].isdigit()
    assert behind.got("Via") == ["1.1 heroku-router"]
    assert re.fullmatch(r"[0-9a-f-]{36}", behind.got("X-Request-Id")[0])


async def test_heroku_passes_on_all_others_and_a_good_request_id(
    behind: Behind, heroku: Proxy, clients: Clients, source: str
) -> None:
    sent = dict.fromkeys((*UNTOUCHED, "CF-Connecting-IP", "True-Client-IP"), "as sent")
    sent["X-Request-Id"] = "0123456789-0123456789"
    await ask(clients, heroku, source, list(sent.items()))
    assert {name: behind.got(name) for name in sent} == {name: [value] for name, value in sent.items()}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("CONNECT gatehouse.test:443"), 405),
        (request("GET /", "Host: elsewhere.test"), 400),
        (request("GET /", f"X-Long: {'a' * 8182}", "Connection: close"), 200),
        (request("GET /", f"X-Long: {'a' * 8183}", "Connection: close"), 400),
        (request("GET /", f"{'a' * 1001}: 1", "Connection: close"), 400),
        (request("GET /", *["A: 1"] * 1000), 400),
    ],
)
async def test_heroku_refuses_connect_two_hosts_and_what_is_too_long(
    behind: Behind, heroku: Proxy, clients: Clients, source: str, *, sent: bytes, status: int
) -> None:
    async with clients.connection(heroku.https, source) as connection:
        assert (await everything(connection, sent)).startswith(b"HTTP/1.1 %d " % status)


async def test_heroku_takes_chunks_for_the_body_where_there_is_a_length_too(
    behind: Behind, heroku: Proxy, clients: Clients, source: str
) -> None:
    chunks = b"5\r\nhello\r\n0\r\n\r\n"
    both = request("POST /", "Content-Length: 3", "Transfer-Encoding: chunked", "Connection: close", body=chunks)
    async with clients.connection(heroku.https, source) as connection:
        assert (await everything(connection, both)).startswith(b"HTTP/1.1 200 ")
    assert behind.bodies == [chunks]


async def test_heroku_lets_any_upgrade_through_and_sees_nothing_of_what_follows(
    behind: Behind, heroku: Proxy, clients: Clients, source: str
) -> None:
    async with clients.connection(heroku.https, source) as (reader, writer):
        writer.write(request("GET /", "Connection: Upgrade", "Upgrade: whatever"))
        head = await read_head(reader)
        assert head is not None
        assert head.words[1] == b"101"
        through = request("GET /", "X-Forwarded-For: 6.6.6.6")
        writer.write(through)
        assert await reader.readexactly(len(through)) == through


async def test_heroku_keeps_the_connection_for_the_next_client(
    behind: Behind, heroku: Proxy, clients: Clients, source: str
) -> None:
    assert [await ask(clients, heroku, source) for _ in range(3)] == [200, 200, 200]
    assert len(behind.open) == 1


async def test_heroku_asks_browsers_to_report_to_it(
    behind: Behind, heroku: Proxy, clients: Clients, source: str
) -> None:
    answer = await clients.client(heroku.https, source).get("/")
    assert {"nel", "report-to", "reporting-endpoints", "via"} <= answer.headers.keys()


async def test_render_overwrites_cloudflares_headers_and_appends_to_the_chain_never_the_same(
    behind: Behind, render: Proxy, clients: Clients, source: str
) -> None:
    forged = [(name, "6.6.6.6") for name in ("CF-Connecting-IP", "cf-connecting-ip", "True-Client-IP")]
    chains = []
    for _ in range(3):
        await ask(clients, render, source, [*forged, ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "http")])
        assert behind.got("CF-Connecting-IP") == behind.got("True-Client-IP") == [source]
        assert behind.got("X-Forwarded-Proto") == ["https"]
        [chain] = behind.got("X-Forwarded-For")
        chains.append(chain.split(", "))
    assert all(chain[:2] == ["6.6.6.6", source] for chain in chains)
    assert {len(chain) - 1 for chain in chains} == {2, 3}
    assert len({chain[-1] for chain in chains}) == 3


async def test_render_passes_on_all_others_and_signs_both_ways(
    behind: Behind, render: Proxy, clients: Clients, source: str
) -> None:
    sent = [(name, "as sent") for name in UNTOUCHED]
    answer = await clients.client(render.https, source).get("/", headers=sent)
    assert [behind.got(name) for name in UNTOUCHED] == [["as sent"]] * len(UNTOUCHED)
    assert behind.got("rndr-id")
    assert answer.headers["rndr-id"]
    assert (answer.headers["server"], answer.headers["x-render-origin-server"]) == ("cloudflare", "behind")


async def test_render_sends_plain_http_to_https_by_itself(
    behind: Behind, render: Proxy, clients: Clients, source: str
) -> None:
    answer = await clients.client(render.http, source, tls=False).get("/login?a=b")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{NAME}/login?a=b")
    assert behind.heads == []
