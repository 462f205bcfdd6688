"""Where a request comes from, as pages and limits see it (promise 16)."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from pages import ORIGIN, PASSWORD, Browser, Site
from serving import serving
from stores import Stores

from webapp.accounts.client import Client
from webapp.accounts.new_passwords import PasswordService
from webapp.accounts.passwords import PasswordHasher

LIST = "/settings/sessions"
ROUTER = "10.1.2.3"
WINDOWS_11 = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/144.0.0.0 Safari/537.36",
    "Sec-CH-UA": '"Not(A:Brand";v="8", "Chromium";v="144", "Brave";v="144"',
    "Sec-CH-UA-Mobile": "?0",
    "Sec-CH-UA-Platform": '"Windows"',
    "Sec-CH-UA-Platform-Version": '"15.0.0"',
}


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site as it stands behind Heroku's router."""
    async with serving({**environ, "TRUSTED_PROXY": "heroku"}, cheap_hasher()) as site:
        yield site


def behind_router(site: Site, forwarded_for: str) -> Browser:
    browser = site.browser(ROUTER)
    browser.client.headers.update({"X-Forwarded-For": forwarded_for, "X-Forwarded-Proto": "https"})
    return browser


async def address_of(browser: Browser) -> str:
    await browser.register()
    address: str = (await browser.json("GET", "/dashboard")).json()["session"]["address"]
    assert address in (await browser.get(LIST)).text
    return address


async def test_address_is_what_the_router_saw_and_not_what_the_client_claims(site: Site):
    for forwarded, seen in (
        ("192.0.2.7", "192.0.2.7"),
        ("127.0.0.1, 8.8.8.8, 192.0.2.7", "192.0.2.7"),
        ("<script>, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 2001:DB8:0::7", "2001:db8::7"),
        ("192.0.2.7, unknown", ROUTER),
        ("192.0.2.7,", ROUTER),
    ):
        assert await address_of(behind_router(site, forwarded)) == seen


async def test_address_moves_with_the_person_on_a_due_touch(site: Site, stores: Stores):
    browser = behind_router(site, "192.0.2.7")
    await browser.register()
    browser.client.headers["X-Forwarded-For"] = "198.51.100.8"
    assert (await browser.json("GET", "/dashboard")).json()["session"]["address"] == "192.0.2.7"
    stores.age(61)
    assert (await browser.json("GET", "/dashboard")).json()["session"]["address"] == "198.51.100.8"


async def wrong_tries(site: Site, email: str, *addresses: str) -> list[int]:
    """Try a wrong password once from each address and return the answers' statuses."""
    return [(await behind_router(site, address).log_in(email, "wrong lanterns")).status_code for address in addresses]


async def test_limit_counts_a_household_and_not_its_single_addresses(site: Site):
    email = "nobody@example.test"
    household = [f"2001:db8:1:2::{number:x}" for number in range(5)]
    assert await wrong_tries(site, email, *household) == [401] * 5
    assert await wrong_tries(site, email, "2001:db8:1:2:ffff::1", "2001:db8:1:3::1") == [429, 401]


async def test_forged_addresses_give_no_further_tries(site: Site):
    forged = [f"203.0.113.{number}, 192.0.2.7" for number in range(6)]
    assert await wrong_tries(site, "nobody@example.test", *forged) == [401] * 5 + [429]


async def test_one_network_that_tries_many_accounts_has_to_wait_too(site: Site):
    browser = behind_router(site, "192.0.2.7")
    await browser.get("/login")
    statuses = []
    for number in range(51):
        sent = {"email": f"person{number}@example.test", "password": "wrong lanterns"}
        statuses.append((await browser.post("/login", sent)).status_code)
    assert statuses == [401] * 50 + [429]


async def test_plain_http_at_the_router_is_sent_to_https(site: Site):
    browser = behind_router(site, "192.0.2.7")
    browser.client.headers["X-Forwarded-Proto"] = "http"
    seen = await browser.get("/login?next=/settings/sessions")
    assert (seen.status_code, seen.headers["Location"]) == (308, f"{ORIGIN}/login?next=/settings/sessions")
    assert (await browser.post("/login", {"email": "a@example.test"})).status_code == 400


async def test_device_is_named_by_user_agent_and_hints_on_pages_and_in_mails(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    told = []

    async def note(*_: object, client: Client, **__: object) -> list[object]:
        told.append(client.where)
        return []

    monkeypatch.setattr(PasswordService, "change", note)
    browser = behind_router(site, "192.0.2.7")
    browser.client.headers.update(WINDOWS_11)
    await browser.register()
    assert (await browser.json("GET", "/dashboard")).json()["session"]["device"] == "Brave on Windows 11"
    assert "Brave on Windows 11" in (await browser.get(LIST)).text
    new = "eight purple lanterns"
    await browser.get("/settings/password")
    await browser.post("/settings/password", {"current": PASSWORD, "new": new})
    assert told == ["Brave on Windows 11, 192.0.2.7"]


async def test_unix_socket_has_no_address_and_everything_works(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]
):
    async with serving(environ, cheap_hasher()) as site:
        transport = httpx.ASGITransport(site.asgi, client=None)  # type: ignore[arg-type]  # ASGI allows it (HTTP, 2.4).
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            assert await address_of(Browser(client)) == ""
