"""What the log of a real server says of the proxies in front of it: once, and with the setting that would be right."""

import pytest
from proxies.caddy import Caddy
from proxies.clients import Clients
from proxies.heroku_router import HerokuRouter
from proxies.landscape import ROUTES, Landscape, address_of, setting_for
from proxies.nginx import Nginx
from proxies.proxy import Proxy
from proxies.render_router import RenderRouter
from proxies.witnesses import advice, logged_address, new_id

Kinds = tuple[type[Proxy], ...]


async def sentences(
    landscape: Landscape, clients: Clients, source: str, *, trusted: str, kinds: Kinds, purpose: str
) -> list[str]:
    """Ask for three pages through these proxies, and return what the server for this purpose has said about them."""
    gatehouse = landscape.server(trusted, purpose=purpose)
    client = clients.client(landscape.line(gatehouse, *kinds).https, source)
    for _ in range(3):
        request_id = new_id()
        await client.get("/login", headers={"X-Request-Id": request_id})
        await logged_address(gatehouse, request_id)
    return advice(gatehouse)


@pytest.mark.parametrize(
    ("trusted", "kinds", "told"),
    [
        ("none", (Nginx,), "behind proxies of your own, set TRUSTED_PROXY=1."),
        ("2", (Caddy,), "If this is every request, set TRUSTED_PROXY=1;"),
        ("1", (Caddy, Nginx), "If that is a proxy of yours which appends to X-Forwarded-For, set TRUSTED_PROXY=2;"),
        ("render", (HerokuRouter,), "if this server runs on Heroku, set TRUSTED_PROXY=heroku"),
        ("heroku", (RenderRouter,), "If this server runs on Render, set TRUSTED_PROXY=render"),
    ],
)
async def test_wrong_setting_is_told_once_with_the_right_one(
    landscape: Landscape, clients: Clients, source: str, *, trusted: str, kinds: Kinds, told: str
) -> None:
    found = await sentences(landscape, clients, source, trusted=trusted, kinds=kinds, purpose="advice")
    # One more proxy than counted, on a private network, is a second way to see the same fault.
    assert 1 <= len(found) == len(set(found))
    assert sum(told in sentence for sentence in found) == 1


async def test_proxy_that_forgets_the_scheme_of_the_first_is_told_of_once(
    landscape: Landscape, clients: Clients, source: str
) -> None:
    gatehouse = landscape.server("2", purpose="scheme")
    inner = landscape.proxy(Nginx, address_of(gatehouse), inner=True, forgets_scheme=True)
    client = clients.client(landscape.proxy(Caddy, inner.plain).https, source)
    for _ in range(3):
        answer = await client.get("/login", headers={"Sec-Fetch-Site": "none"})
        # To itself, for ever.
        assert (answer.status_code, answer.headers["Location"]) == (308, "https://gatehouse.test/login")
    [sentence] = advice(gatehouse)
    assert "let the outermost proxy set X-Forwarded-Proto, and those behind it pass it on" in sentence


@pytest.mark.parametrize("name", ROUTES)
async def test_nothing_is_said_where_all_is_right(
    landscape: Landscape, clients: Clients, source: str, name: str
) -> None:
    trusted, kinds = setting_for(name), ROUTES[name]
    assert await sentences(landscape, clients, source, trusted=trusted, kinds=kinds, purpose="calm") == []
