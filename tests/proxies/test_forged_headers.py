"""No header that a client makes up moves it to another address, scheme or host (promise 16)."""

from proxies.clients import Clients, Headers
from proxies.forgeries import EVERYTHING, FORGERIES
from proxies.landscape import ORIGIN, PROXIES, Route
from proxies.witnesses import logged_address, new_id


async def addresses_seen(route: Route, clients: Clients, source: str, *, http2: bool = False) -> dict[str, str]:
    """Ask for a page with each forgery in turn, and return under which address the log has it."""
    client = clients.client(route.door.https, source, http2=http2)
    seen = {}
    for name, headers in FORGERIES.items():
        request_id = new_id()
        answer = await client.get("/login", headers=[*headers, ("X-Request-Id", request_id)])
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2" if http2 else "HTTP/1.1"), name
        seen[name] = await logged_address(route.gatehouse, request_id)
    return seen


async def test_no_forged_header_is_believed(route: Route, clients: Clients, source: str) -> None:
    seen = await addresses_seen(route, clients, source)
    assert seen == dict.fromkeys(FORGERIES, source)


async def test_no_forged_header_of_an_ipv6_client_is_believed(route: Route, clients: Clients, ipv6: str) -> None:
    seen = await addresses_seen(route, clients, ipv6)
    assert seen == dict.fromkeys(FORGERIES, ipv6)


async def test_no_forged_header_in_http_2_is_believed(real_route: Route, clients: Clients, source: str) -> None:
    seen = await addresses_seen(real_route, clients, source, http2=True)
    assert seen == dict.fromkeys(FORGERIES, source)


async def test_client_that_has_its_address_taken_away_is_taken_for_a_proxy_and_for_nobody_else(
    route: Route, clients: Clients, source: str
) -> None:
    # What Connection lists is for the next hop only, and a second proxy may drop what the first one wrote (Caddy does,
    # behind HAProxy). The chain is too short then; everybody who does this shares the one address of the proxy.
    hop_by_hop = "X-Forwarded-For, X-Forwarded-Proto, CF-Connecting-IP"
    client = clients.client(route.door.https, source, [("Connection", hop_by_hop), *EVERYTHING])
    request_id = new_id()
    await client.get("/login", headers={"X-Request-Id": request_id})
    assert await logged_address(route.gatehouse, request_id) in {source, *PROXIES}


async def test_no_forged_host_is_believed(route: Route, clients: Clients, source: str) -> None:
    client = clients.client(route.door.https, source)
    for headers in ([("X-Forwarded-Host", "elsewhere.test")], [("Forwarded", "host=elsewhere.test")]):
        answer = await client.get("/dashboard", headers=headers)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/dashboard")
        wrong: Headers = [("Host", "elsewhere.test"), (headers[0][0], headers[0][1].replace("elsewhere", "gatehouse"))]
        assert (await client.get("/login", headers=wrong)).status_code == 400
    assert str(client.base_url) == ORIGIN
