"""The headers of promise 15 stand on every answer: pages, errors, redirects, static files, refusals from outside."""

import re

import httpx
import pytest
from pages import Browser, Site
from structure.files import ROOT
from structure.routes import caller_of, routes

from webapp import main
from webapp.logs.secret_paths import is_secret
from webapp.settings import Settings
from webapp.web.access_log import AccessLog
from webapp.web.headers import SecurityHeaders

A_YEAR = "public, max-age=31536000, immutable"
EVERYWHERE = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
POLICY = ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'")
# With the home page they take every style sheet, for somebody who is signed in and has not proven the email yet.
PAGES = ("/nowhere", "/dashboard", "/settings/data", "/settings/history", "/settings/sessions")


async def test_every_route_answers_with_every_security_header(site: Site) -> None:
    for route in routes():
        caller = await caller_of(route, site)
        for browser in (caller.browser, site.browser()):
            response = await browser.client.request(route.method, caller.path)
            # A link from a mail is told to nobody (tests/web/test_token_paths.py).
            secret = {"referrer-policy": "strict-origin"} if is_secret(caller.path) else {}
            assert _missing(response.headers) == secret, route


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET /nowhere", {}, 404),
        ("DELETE /login", {}, 405),
        ("GET /login", {"Host": "evil.test"}, 400),
        ("POST /login", {"Content-Length": "9000000"}, 413),
        ("POST /login", {"Content-Type": "text/plain"}, 415),
        ("GET /dashboard", {}, 303),
    ],
)
async def test_refusals_carry_them_too(site: Site, line: str, headers: dict[str, str], status: int) -> None:
    method, path = line.split()
    body = b"a" if method == "POST" else b""
    response = await site.browser().client.request(method, path, headers=headers, content=body)
    assert response.status_code == status
    assert _missing(response.headers) == {}


async def test_static_files_carry_them_and_are_kept_for_a_year(site: Site) -> None:
    browser = site.browser()
    for path in await _static_paths(browser):
        response = await browser.get(path)
        assert response.status_code == 200, path
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path)
        assert _missing(response.headers) == {"cache-control": A_YEAR}


async def test_server_tells_nothing_of_itself(site: Site) -> None:
    response = await site.browser().get("/")
    assert {"server", "x-powered-by"}.isdisjoint(response.headers)


async def test_main_puts_nothing_around_the_headers_but_the_log_which_never_answers(environ: dict[str, str]) -> None:
    outermost = main.build(Settings.from_env(environ))
    assert isinstance(outermost, AccessLog)
    assert isinstance(outermost._app, SecurityHeaders)


def _missing(headers: httpx.Headers) -> dict[str, str | None]:
    """Return what is not as it is everywhere, with what stands there instead."""
    policy = headers["content-security-policy"].split("; ")
    assert set(POLICY) <= set(policy)
    assert "unsafe" not in headers["content-security-policy"]
    assert "geolocation=()" in headers["permissions-policy"].split(", ")
    return {name: headers.get(name) for name, value in EVERYWHERE.items() if headers.get(name) != value}


async def _static_paths(browser: Browser) -> set[str]:
    """Return the addresses of all files that some page refers to; each style sheet of ours has to be among them."""
    pages = [(await browser.get("/")).text]
    await browser.register()
    pages += [(await browser.get(path)).text for path in PAGES]
    found = set(re.findall(r'"(/static/[^"]+)"', " ".join(pages)))
    ours = {path.name.partition(".")[0] for path in (ROOT / "static").glob("css/*.css")}
    assert {path.rpartition("/")[2].partition(".")[0] for path in found} >= ours
    return found
