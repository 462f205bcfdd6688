"""Chains other than configured, clients in every spelling, and peers that may not be believed (promise 16)."""

import pytest
from proxies.caddy import Caddy
from proxies.clients import Clients, Headers, new_address
from proxies.forgeries import EVERYTHING, FORGED
from proxies.haproxy import Haproxy
from proxies.landscape import PROXIES, Landscape, address_of
from proxies.nginx import SPELLINGS, Nginx
from proxies.proxy import Proxy
from proxies.running import Address
from proxies.witnesses import addresses_on_page, logged_address, new_id

# Longer than any chain that the servers count.
LONG: Headers = [*EVERYTHING, ("X-Forwarded-For", ", ".join([FORGED] * 9))]
NEAR, FAR = "127.0.0.10", "127.0.0.11"
ONLY_NEAR = f"{NEAR}/32"


async def address_through(clients: Clients, proxy: Proxy, source: str) -> str:
    """Register, with every forgery, and return the address on the device page."""
    browser = clients.browser(proxy.https, source, LONG)
    registered = await browser.register()
    assert registered.status_code == 303, registered.text
    [address] = await addresses_on_page(browser)
    return address


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_client_is_known_however_the_proxy_writes_its_address(
    landscape: Landscape, clients: Clients, request: pytest.FixtureRequest, spelling: str, family: str
) -> None:
    source: str = request.getfixturevalue({"ipv4": "source", "ipv6": "ipv6"}[family])
    proxy = landscape.proxy(Nginx, address_of(landscape.server("1")), spelling=spelling)
    assert await address_through(clients, proxy, source) == source


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_ipv4_client_of_a_proxy_that_sees_it_as_ipv6_is_known_as_ipv4(
    landscape: Landscape, clients: Clients, source: str, ipv6: str, spelling: str
) -> None:
    proxy = landscape.proxy(Nginx, address_of(landscape.server("1")), spelling=spelling, mapped=True)
    assert await address_through(clients, proxy, source) == source


@pytest.mark.parametrize("kind", [Nginx, Haproxy, Caddy])
async def test_chain_shorter_than_configured_gives_the_proxy_for_everybody(
    landscape: Landscape, clients: Clients, source: str, kind: type[Proxy]
) -> None:
    # A client that adds a value of its own would fill the chain up, and choose an address: the server cannot tell. That
    # is why the number must not be above that of the proxies, and why the log speaks up at the first short chain.
    gatehouse = landscape.server("2")
    proxy, request_id = landscape.line(gatehouse, kind), new_id()
    await clients.client(proxy.https, source).get("/login", headers={"X-Request-Id": request_id})
    assert await logged_address(gatehouse, request_id) in PROXIES


@pytest.mark.parametrize("kinds", [(Caddy, Nginx), (Nginx, Haproxy), (Haproxy, Caddy)])
async def test_chain_longer_than_configured_gives_the_outer_proxy_and_never_what_the_client_says(
    landscape: Landscape, clients: Clients, source: str, kinds: tuple[type[Proxy], ...]
) -> None:
    proxy = landscape.line(landscape.server("1"), *kinds)
    assert await address_through(clients, proxy, source) in PROXIES


@pytest.mark.parametrize("kind", [Nginx, Haproxy])
async def test_proxy_within_the_networks_is_believed(
    landscape: Landscape, clients: Clients, source: str, kind: type[Proxy]
) -> None:
    upstream = Address("127.0.0.1", address_of(landscape.server("1", ONLY_NEAR)).port)
    proxy = landscape.proxy(kind, upstream, source=NEAR)
    assert await address_through(clients, proxy, source) == source


@pytest.mark.parametrize("kind", [Nginx, Haproxy])
async def test_proxy_outside_the_networks_is_not_believed(
    landscape: Landscape, clients: Clients, source: str, kind: type[Proxy]
) -> None:
    upstream = Address("127.0.0.1", address_of(landscape.server("1", ONLY_NEAR)).port)
    proxy = landscape.proxy(kind, upstream, source=FAR)
    assert await address_through(clients, proxy, source) == FAR


async def test_client_that_goes_around_the_proxy_has_its_own_address(
    landscape: Landscape, clients: Clients, source: str
) -> None:
    gatehouse = landscape.server("1", ONLY_NEAR)
    browser = clients.browser(address_of(gatehouse).port, source, LONG, tls=False)
    assert (await browser.register()).status_code == 303
    assert await addresses_on_page(browser) == [source]


async def test_client_of_a_server_that_has_no_proxy_has_its_own_address(
    landscape: Landscape, clients: Clients, source: str
) -> None:
    gatehouse, other = landscape.server("none"), new_address()
    laptop = clients.browser(address_of(gatehouse).port, source, LONG, tls=False)
    phone = clients.browser(address_of(gatehouse).port, other, LONG, tls=False)
    assert (await laptop.register()).status_code == 303
    assert (await phone.log_in(laptop.email)).status_code == 303
    assert await addresses_on_page(phone) == [other, source]
