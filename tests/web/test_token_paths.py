"""Links from mails hold a token in their path: nothing that answers, leads on or logs there tells it further."""

from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

import pytest
from asgi_calls import Inside, call, http_scope, settings
from log_lines import captured
from pages import FACES, ORIGIN, PASSWORD, Face, Site, tags
from quart import Quart, abort
from quart_auth import Unauthorized
from serving import serving

from webapp.accounts.passwords import PasswordHasher
from webapp.errors import StoreUnavailable, TooManyTries
from webapp.web.gate import StaleForm
from webapp.web.guards import ConfirmationNeeded, public
from webapp.web.headers import SecurityHeaders

# As it was sent, cut, lengthened, mistyped, and with what a mail program put around it.
WHOLE = "Zk3vT0eQ9xWq-7LmB2nYcUaRf8dHsJ_oPi1uGtE4Kb5"
TOKENS = [WHOLE, WHOLE[:17], WHOLE * 40, "tell tale words", "telltale.", "<telltale>", "a/telltale/b", "telltale\x00é"]
PREFIXES = ["/reset/", "/confirm-email/", "/restore-email/", "/not-me/"]
FAULTS = {
    "401": Unauthorized(),
    "confirm": ConfirmationNeeded(),
    "stale": StaleForm(),
    "429": TooManyTries(100),
    "503": StoreUnavailable("Redis"),
    "500": RuntimeError("a bug"),
}

each_prefix = pytest.mark.parametrize("prefix", PREFIXES)


@public
async def fail(token: str, fault: str = "") -> str:
    """Fail in one of the ways in which a handler does."""
    if fault in FAULTS:
        raise FAULTS[fault]
    abort(int(fault or 404), None if fault else f"{token!r} is unknown")


@public
async def fail_by_name(token: str) -> str:
    """Fail in the way that the token says."""
    return await fail(token, token.rpartition("-")[2])


def prepare(app: Quart) -> None:
    """Put a handler of the test's own where links lead, whatever the site has there."""
    for prefix in PREFIXES:
        app.add_url_rule(f"{prefix}telltale-<token>", prefix, fail_by_name, methods=["GET", "POST"])


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site with handlers that fail."""
    async with serving(environ, cheap_hasher(), prepare) as site:
        yield site


@each_prefix
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("fault", [*FAULTS, "403", "404", "405", "413"])
async def test_no_answer_repeats_the_path(prefix: str, face: Face, fault: str, site: Site) -> None:
    browser = site.browser()
    await browser.register()
    path = f"{prefix}telltale-{fault}"
    for response in (await browser.look(face, path), await browser.send(face, path, {"password": PASSWORD})):
        assert response.status_code >= 303
        assert "telltale" not in response.text
        assert "telltale" not in str(response.headers)


@each_prefix
async def test_page_on_which_somebody_tries_again_is_the_page_itself(prefix: str, site: Site) -> None:
    page = await site.browser().get(f"{prefix}telltale-503")
    assert page.status_code == 503
    (again,) = [tag for tag in tags(page.text, "a") if "button-primary" in tag.get("class", "")]
    assert again["href"] == ""


@each_prefix
@pytest.mark.parametrize("spelled", ["{}", "/dashboard/..{}", "/.{}", "{}?a=b#c"])
async def test_nothing_leads_back_to_a_link(prefix: str, spelled: str, site: Site) -> None:
    ada = site.browser()
    await ada.register()
    words = prefix.strip("/")
    for path in (prefix + WHOLE, f"/{quote(words[0])}{words[1:]}/{WHOLE}", f"/%{ord(words[0]):02x}{words[1:]}/{WHOLE}"):
        following = spelled.format(path)
        page = await ada.get(f"/confirm?next={quote(following)}")
        assert WHOLE not in page.text, following
        response = await ada.post("/confirm", {"password": PASSWORD, "next": following})
        assert response.headers["Location"] == "/dashboard", following


@each_prefix
async def test_request_that_stands_on_a_link_is_led_elsewhere(prefix: str, site: Site) -> None:
    standing = f"{ORIGIN}{prefix}{WHOLE}"
    browser = site.browser()
    fragment = await browser.get("/dashboard", hx_request="true", hx_current_url=standing)
    assert fragment.headers["HX-Redirect"] == "/login?next=/dashboard"
    page = await browser.post("/settings/sessions/end-others", referer=standing)
    assert page.headers["Location"] == "/login?next=/dashboard"


async def test_asking_for_a_new_password_is_no_place_to_come_back_to(site: Site) -> None:
    ada = site.browser()
    await ada.register()
    await ada.get("/confirm")
    response = await ada.post("/confirm", {"password": PASSWORD, "next": "/forgot"})
    assert response.headers["Location"] == "/dashboard"


@each_prefix
@pytest.mark.usefixtures("nobody_does_what_is_owed")
@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("production", [True, False])
async def test_no_line_of_the_log_holds_what_follows(prefix: str, token: str, *, production: bool, site: Site) -> None:
    browser = site.browser()
    with captured(production=production) as log:
        for path in (prefix, f"{ORIGIN}/{prefix}", prefix.rstrip("/"), prefix.upper(), f"/x{prefix}"):
            await browser.get(path + quote(token, safe=""))
            await browser.get(path + quote(token))
    assert len(log.lines) == 10
    shown = log.text
    assert not [part for part in (token, quote(token), token[:12], token[-12:], "telltale") if part in shown]


@each_prefix
async def test_bug_that_tells_the_token_itself_is_masked(prefix: str, site: Site) -> None:
    with captured() as log:
        await site.browser().get(f"{prefix}telltale-500")
    assert "a bug" in log.text
    assert "telltale" not in log.text


@each_prefix
async def test_no_request_from_such_a_page_tells_its_path(prefix: str) -> None:
    for path in (prefix + WHOLE, prefix, prefix.rstrip("/") + WHOLE):
        for inside in (Inside(), Inside(headers=((b"Referrer-Policy", b"same-origin"),))):
            answer = await call(SecurityHeaders(inside, settings()), {**http_scope(), "path": path})
            told = [value for name, value in answer.messages[0]["headers"] if name.lower() == b"referrer-policy"]
            # Of several a browser takes the last that it knows.
            assert told[-1] == b"strict-origin", path


@pytest.mark.parametrize("path", ["/", "/login", "/forgot", "/confirm", "/settings/profile"])
async def test_all_other_pages_tell_this_site_theirs(path: str) -> None:
    answer = await call(SecurityHeaders(Inside(), settings()), {**http_scope(), "path": path})
    assert answer.headers["referrer-policy"] == "same-origin"
