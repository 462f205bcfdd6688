"""Known browsers: a cookie that tells one browser from another and grants nothing."""

import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from http.cookies import Morsel

import httpx
import pytest
from knowing import browser_cookie, is_known_at_last
from pages import BROWSER_COOKIE, SESSION_COOKIE, Browser, Site, cookies_set
from quart import Quart, abort
from serving import serving

from webapp.accounts.passwords import PasswordHasher
from webapp.personal_data import describe_kept
from webapp.settings import Settings
from webapp.web.browser import keep_browser, shown_browser
from webapp.web.guards import public

# A browser that was closed in between has nothing but what stands there.
FOUR_HUNDRED_DAYS = 400 * 24 * 3600
NAME, SECRET = "abcdefghijklmn-_", "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNO_"
VALUE = f"{NAME}.{SECRET}"
# An account that knows no browser.
NOBODY = "n" * 22


@public
async def keep() -> str:
    kept = await keep_browser(NOBODY)
    # However often a handler asks, it is one browser.
    assert await keep_browser(NOBODY) == kept
    return kept.encode()


@public
async def whose() -> str:
    shown = shown_browser()
    return shown.encode() if shown else ""


@public
async def keep_and_fail() -> str:
    await keep_browser(NOBODY)
    abort(503)


def prepare(app: Quart) -> None:
    for handler in (keep, whose, keep_and_fail):
        app.add_url_rule(f"/{handler.__name__}", view_func=handler, methods=["GET"])


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site, with handlers that do what a sign-in does with the cookie."""
    async with serving(environ, cheap_hasher(), prepare) as site:
        yield site


def digest(secret: str) -> str:
    return urlsafe_b64encode(sha256(secret.encode()).digest()).decode().rstrip("=") if secret else ""


def known_by(name: str, shown: str = "", given: str = "") -> str:
    return f"{name}.{digest(shown)}.{digest(given)}"


def cookie_of(response: httpx.Response, name: str = BROWSER_COOKIE) -> Morsel[str]:
    return cookies_set(response)[name]


async def test_new_browser_gets_a_random_cookie_that_only_the_site_reads(site: Site):
    answers = [await site.browser().get("/keep") for _ in range(2)]
    first, second = (cookie_of(answer) for answer in answers)
    assert re.fullmatch(r"[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{43}", first.value)
    name, secret = first.value.split(".")
    assert not {name, secret} & {*second.value.split(".")}
    assert answers[0].text == known_by(name, given=secret)
    assert (first["path"], first["samesite"], first["domain"]) == ("/", "Lax", "")
    assert first["httponly"] is first["secure"] is True
    assert first.key.startswith("__Host-")


async def test_cookie_has_a_new_secret_after_each_sign_in_and_begins_its_400_days_anew(ada: Browser, site: Site):
    await is_known_at_last(site, ada, ada)
    name, secret = browser_cookie(ada)
    again = await ada.get("/keep")
    name_again, newest = cookie_of(again).value.split(".")
    assert (name_again, secret) == (name, secret) != (name, newest)
    assert again.text == known_by(name, secret, newest)
    assert (await ada.get("/whose")).text == known_by(name, newest)
    assert int(cookie_of(again)["max-age"]) == FOUR_HUNDRED_DAYS


async def test_looking_whose_browser_it_is_sets_nothing(browser: Browser):
    assert (await browser.get("/whose")).text == ""
    await browser.get("/keep")
    assert "Set-Cookie" not in (await browser.get("/whose")).headers


async def test_page_that_failed_keeps_no_browser(browser: Browser):
    response = await browser.get("/keep_and_fail")
    assert response.status_code == 503
    assert BROWSER_COOKIE not in cookies_set(response)


@pytest.mark.parametrize(
    "bent",
    [
        "",
        VALUE[:-1],
        VALUE + "a",
        VALUE[:-1] + "=",
        VALUE[:-1] + "%0a",
        "%C3%A9" * 60,
        "a" * 4000,
        f"{VALUE}.{VALUE}",
        NAME,
        f"{NAME}.",
        f"{VALUE}.{SECRET}",
        f"{VALUE} {SECRET}",
        "null",
    ],
)
async def test_bent_cookie_is_no_browser_that_we_know_and_is_replaced(bent: str, browser: Browser):
    sent = {"Cookie": f"{BROWSER_COOKIE}={bent}"}
    assert (await browser.client.get("/whose", headers=sent)).text == ""
    response = await browser.client.get("/keep", headers=sent)
    name, secret = cookie_of(response).value.split(".")
    assert name != NAME
    assert response.text == known_by(name, given=secret)


async def test_forged_cookie_is_another_browser_and_lets_nobody_in(ada: Browser, site: Site):
    name, secret = ada.client.cookies[BROWSER_COOKIE].split(".")
    for shown in (SECRET, secret):
        other = site.browser()
        other.client.cookies.set(BROWSER_COOKIE, f"{name}.{shown}", domain=other.client.base_url.host)
        assert (await other.get("/whose")).text == known_by(name, shown)
        assert (await other.get("/dashboard")).status_code == 303


async def test_several_accounts_on_one_browser_share_its_cookie_and_signing_out_leaves_it(ada: Browser, site: Site):
    await is_known_at_last(site, ada, ada)
    name, secret = browser_cookie(ada)
    left = await ada.post("/logout")
    assert SESSION_COOKIE in cookies_set(left)
    assert BROWSER_COOKIE not in cookies_set(left)
    assert "cookies" not in left.headers["Clear-Site-Data"]
    ada.email = "eve@example.test"
    await ada.register(name="Eve")
    assert ada.client.cookies[BROWSER_COOKIE].startswith(f"{name}.")
    assert ada.client.cookies[BROWSER_COOKIE] != f"{name}.{secret}"


async def test_development_without_https_has_a_cookie_without_prefix(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]
):
    plain = {**environ, "APP_ENV": "development", "PUBLIC_URL": "http://localhost:8000"}
    async with serving(plain, cheap_hasher(), prepare) as site:
        browser = site.browser()
        response = await browser.get("/keep")
        assert not cookie_of(response, "browser")["secure"]
        name, secret = cookie_of(response, "browser").value.split(".")
        assert (await browser.get("/whose")).text == known_by(name, secret)


async def test_cookie_that_another_host_may_have_set_is_not_looked_at(browser: Browser):
    assert (await browser.client.get("/whose", headers={"Cookie": f"browser={VALUE}"})).text == ""
    assert (await browser.client.get("/whose", headers={"Cookie": f"{BROWSER_COOKIE}={VALUE}"})).text == (
        known_by(NAME, SECRET)
    )


def test_people_are_told_of_the_cookie_and_how_long_it_stays(environ: dict[str, str]):
    (told,) = [one for one in describe_kept(Settings.from_env(environ)) if one.name == BROWSER_COOKIE]
    assert told.place == "browser"
    assert told.periods == {"browser": FOUR_HUNDRED_DAYS}
