"""No way around the proxies is open: nobody reaches the server without passing what tells it the address."""

import pytest
from proxies.clients import Clients
from proxies.forgeries import FORGED
from proxies.head import read_head
from proxies.landscape import NAME, Route
from proxies.wire import FORGED_HEADERS, LAST, Http2, everything, forged_lines, request
from proxies.witnesses import DEVICES, logged_address, logged_addresses, new_id
from upgrades import H2C, WEBSOCKET


async def test_upgrade_to_h2c_opens_no_tunnel_for_forged_headers(route: Route, clients: Clients, source: str) -> None:
    first, second = new_id(), new_id()
    async with clients.connection(route.door.https, source) as connection:
        connection[1].write(request("GET /login", *H2C, *forged_lines(), f"X-Request-Id: {first}"))
        answer = await read_head(connection[0])
        assert answer is not None
        if answer.words[1] == b"101":
            # All proxies are gone from here on; of what the server answers nothing may be a page.
            tunnel = Http2(connection, upgraded=True)
            asked = await tunnel.ask("GET", "/login", [*FORGED_HEADERS, ("x-request-id", second)])
            assert asked == "505"
    assert await logged_address(route.gatehouse, first) == source
    assert FORGED not in logged_addresses(route.gatehouse, second)


@pytest.mark.parametrize("target", [f"{NAME}:443", "/", DEVICES])
async def test_connect_opens_no_tunnel(route: Route, clients: Clients, source: str, target: str) -> None:
    after = new_id()
    forged = request("GET /login", *forged_lines(), f"X-Request-Id: {after}", "Connection: close")
    async with clients.connection(route.door.https, source) as connection:
        received = await everything(connection, request(f"CONNECT {target}") + forged)
    assert received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 ")) or not received
    # Some go on with the connection, and the second request came through them like any other.
    assert logged_addresses(route.gatehouse, after) <= {source}


async def test_upgrade_to_websocket_opens_no_tunnel(route: Route, clients: Clients, source: str) -> None:
    after = new_id()
    forged = request("GET /login", *forged_lines(), f"X-Request-Id: {after}")
    async with clients.connection(route.door.https, source) as connection:
        received = await everything(connection, request("GET /login", *WEBSOCKET) + forged + LAST)
    assert not received.startswith(b"HTTP/1.1 101 ")
    assert logged_addresses(route.gatehouse, after) <= {source}
