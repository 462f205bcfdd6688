"""Cookies, redirects and headers as a browser gets them through each proxy (promises 13, 15 and 17)."""

import pytest
from pages import SESSION_COOKIE, VISITOR_COOKIE, cookies_set
from proxies.clients import Clients
from proxies.landscape import ORIGIN, Route

from webapp.web.headers import ALWAYS, STRICT_TRANSPORT_SECURITY

# A client that claims https does not get around it, nor does one that says nothing.
CLAIMS: tuple[dict[str, str], ...] = (
    {},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Proto": "https, https"},
    {"Forwarded": "proto=https"},
)


async def test_cookies_are_secure_and_for_this_host_alone(route: Route, clients: Clients, source: str) -> None:
    browser = clients.browser(route.door.https, source)
    visited = cookies_set(await browser.get("/login"))
    registered = cookies_set(await browser.register())
    for cookie in (visited[VISITOR_COOKIE], registered[SESSION_COOKIE]):
        attributes = ("secure", "httponly", "path", "samesite", "domain")
        assert [cookie[each] for each in attributes] == [True, True, "/", "Lax", ""]


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/healthz", "/static/app.css"])
async def test_security_headers_arrive_once(route: Route, clients: Clients, source: str, path: str) -> None:
    answer = await clients.client(route.door.https, source).get(path)
    assert answer.headers.get_list("Strict-Transport-Security") == [STRICT_TRANSPORT_SECURITY]
    for name in ALWAYS:
        assert len(answer.headers.get_list(name)) == 1, name


@pytest.mark.parametrize("claims", CLAIMS)
async def test_reader_over_plain_http_is_sent_to_https(
    route: Route, clients: Clients, source: str, claims: dict[str, str]
) -> None:
    client = clients.client(route.door.http, source, tls=False)
    answer = await client.get("/login?next=%2Fdashboard", headers=claims)
    # Render's edge does it by itself.
    assert answer.status_code == (301 if route.name == "render" else 308)
    assert answer.headers["Location"] == f"{ORIGIN}/login?next=%2Fdashboard"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("claims", CLAIMS)
async def test_form_over_plain_http_is_not_used(
    route: Route, clients: Clients, source: str, claims: dict[str, str]
) -> None:
    client = clients.client(route.door.http, source, tls=False)
    answer = await client.post("/login", json={"email": "ada@example.test", "password": "x"}, headers=claims)
    assert answer.status_code == (301 if route.name == "render" else 400)
    assert "Set-Cookie" not in answer.headers


async def test_client_that_claims_plain_http_is_served_all_the_same(
    route: Route, clients: Clients, source: str
) -> None:
    client = clients.client(route.door.https, source)
    assert (await client.get("/login", headers={"X-Forwarded-Proto": "http"})).status_code == 200
