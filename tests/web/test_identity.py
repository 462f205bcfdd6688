"""The session cookie, and whom the site takes its bearer for (promises 2, 3 and 13)."""

from collections.abc import Callable, Iterable
from http.cookies import Morsel

import pytest
from pages import PASSWORD, SESSION_COOKIE, VISITOR_COOKIE, Browser, Site, cookies_set
from quart import Response
from quart_auth import QuartAuth, Unauthorized
from serving import serving
from stores import Stores

from webapp.accounts.passwords import PasswordHasher
from webapp.sessions.token import Token, new_public_id
from webapp.web.context import services
from webapp.web.identity import viewer

MakeHasher = Callable[[], PasswordHasher]
NEW_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210"
DAY, MINUTE = 86400, 60


def signed(site: Site, auth_id: str) -> str:
    """Sign a session cookie with the site's own key."""
    identity: QuartAuth = site.app.extensions["QUART_AUTH"][0]
    return identity.dump_token(auth_id, app=site.app)


def carried(site: Site, cookie: str) -> Token:
    """Read the token out of a session cookie."""
    identity: QuartAuth = site.app.extensions["QUART_AUTH"][0]
    token = Token.parse(identity.load_token(cookie, app=site.app) or "")
    assert token is not None
    return token


def attributes(cookie: Morsel[str]) -> dict[str, object]:
    names = ("path", "domain", "secure", "httponly", "samesite")
    return {name: cookie[name] for name in names}


async def test_cookies_of_an_https_site_are_bound_to_this_host_and_closed_to_scripts(browser: Browser):
    visited = await browser.get("/register")
    signed_in = await browser.post("/register", {"email": browser.email, "name": "Ada", "password": PASSWORD})
    expected = {"path": "/", "domain": "", "secure": True, "httponly": True, "samesite": "Lax"}
    assert attributes(cookies_set(visited)[VISITOR_COOKIE]) == expected
    assert attributes(cookies_set(signed_in)[SESSION_COOKIE]) == expected


async def test_cookies_over_plain_http_are_the_same_without_prefix_and_secure(
    environ: dict[str, str], cheap_hasher: MakeHasher
):
    plain = {**environ, "APP_ENV": "development", "PUBLIC_URL": "http://localhost:8000"}
    expected = {"path": "/", "domain": "", "secure": "", "httponly": True, "samesite": "Lax"}
    async with serving(plain, cheap_hasher()) as site:
        browser = site.browser()
        visited, signed_in = await browser.get("/register"), await browser.register()
        assert attributes(cookies_set(visited)["visitor"]) == expected
        assert attributes(cookies_set(signed_in)["session"]) == expected
        assert (await browser.get("/dashboard")).status_code == 200


async def test_visitors_cookie_lasts_as_long_as_the_browser_is_open(browser: Browser):
    cookie = cookies_set(await browser.get("/login"))[VISITOR_COOKIE]
    assert not cookie["max-age"]
    assert not cookie["expires"]
    assert VISITOR_COOKIE not in cookies_set(await browser.get("/login"))


async def test_remembered_cookie_moves_forward_on_a_due_touch_and_not_otherwise(phone: Browser, stores: Stores):
    assert SESSION_COOKIE not in cookies_set(await phone.get("/dashboard"))
    stores.age(70)
    cookie = cookies_set(await phone.get("/dashboard"))[SESSION_COOKIE]
    assert int(cookie["max-age"]) == 30 * DAY
    assert 30 * DAY - MINUTE <= max(map(stores.ends, stores.sessions())) <= 30 * DAY
    assert SESSION_COOKIE not in cookies_set(await phone.get("/dashboard"))


async def test_remembered_cookie_never_outlasts_the_absolute_limit(phone: Browser, stores: Stores):
    stores.age(89 * DAY, "created", "expires")
    stores.age(70, "seen")
    cookie = cookies_set(await phone.get("/dashboard"))[SESSION_COOKIE]
    assert DAY - MINUTE <= int(cookie["max-age"]) <= DAY
    stores.age(DAY, "expires")
    assert (await phone.get("/dashboard")).status_code == 303


async def test_cookie_that_is_not_remembered_never_gets_a_date(ada: Browser, stores: Stores):
    stores.age(70)
    response = await ada.get("/dashboard")
    assert response.status_code == 200
    assert SESSION_COOKIE not in cookies_set(response)
    stores.age(3600, "seen")
    assert (await ada.get("/dashboard")).status_code == 303


async def test_signing_in_gives_an_id_that_nobody_knew(ada: Browser, site: Site):
    known = set()
    for _ in range(3):
        token = carried(site, ada.session_cookie)
        known.update({token.session_id, token.secret})
        await ada.post("/logout")
        await ada.log_in()
    assert len(known) == 6


async def test_id_that_the_server_did_not_issue_is_not_adopted(ada: Browser, site: Site, stores: Stores):
    """Session fixation: somebody plants a cookie, even one signed by us, and waits for the victim to sign in."""
    account = carried(site, ada.session_cookie).account_id
    planted = Token.new(account)
    victim = site.browser()
    victim.carry(signed(site, str(planted)))
    assert (await victim.get("/dashboard")).status_code == 303
    victim.carry(signed(site, str(planted)))
    victim.email = ada.email
    await victim.log_in()
    issued = carried(site, victim.session_cookie)
    assert planted.session_id not in stores.sessions()
    assert {issued.session_id, issued.secret}.isdisjoint({planted.session_id, planted.secret})


async def test_planted_session_of_the_attacker_ends_when_the_victim_signs_in(ada: Browser, eve: Browser, site: Site):
    victim = site.browser()
    victim.carry(eve.session_cookie)
    await victim.get("/")
    await victim.get("/dashboard")
    assert (await victim.post("/login", {"email": ada.email, "password": PASSWORD})).status_code == 303
    assert (await victim.json("GET", "/dashboard")).json()["account"]["name"] == "Ada Lovelace"
    assert (await eve.get("/dashboard")).status_code == 303


async def test_right_signature_around_a_wrong_token_is_nobody(ada: Browser, site: Site, stores: Stores):
    token = carried(site, ada.session_cookie)
    before = stores.contents()
    for bent in (
        Token(token.account_id, token.session_id, new_public_id() + new_public_id()[:21]),
        Token(token.account_id, new_public_id(), token.secret),
        Token(new_public_id(), token.session_id, token.secret),
        f"{token.account_id}.{token.session_id}.",
        f"{token}.",
        "",
        "*",
        f"{token.account_id}.*.{token.secret}",
        f"{{{token.account_id}}}.{token.session_id}.{token.secret}",
        "\0",
    ):
        ada.carry(signed(site, str(bent)))
        assert (await ada.get("/dashboard")).status_code == 303, bent
    assert stores.contents() == before


def bent(cookie: str) -> Iterable[str]:
    body, time, signature = cookie.rsplit(".", 2)
    yield from ("", ".", "..", "null", "A" * 3000, "A" * 60_000, cookie[:-1], cookie + "A", cookie[::-1], "\xff\xfe")
    yield from (f"{body}.{time}.", f"{body}..{signature}", f".{time}.{signature}", f"{body}.{signature}.{time}")
    yield from (f"{body[:-1]}A.{time}.{signature}", f"{body}.ZZZZZZ.{signature}", f"{body}.{time}.{signature[::-1]}")
    yield from (cookie * 2, f'"{cookie[:40]}', f"{cookie[:40]}\\{cookie[40:]}", "=" * 100, "🦊")


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_bent_cookie_is_nobody_and_costs_no_look_into_redis(ada: Browser, site: Site, stores: Stores):
    stranger = site.browser()
    await ada.get("/dashboard")
    with stores.watched() as commands:
        for value in bent(ada.session_cookie):
            header = f"{SESSION_COOKIE}={value}".encode("utf-8", "surrogatepass")
            response = await stranger.client.get("/dashboard", headers=[(b"Cookie", header)])
            assert response.status_code == 303, value
    assert commands == []


async def test_doubled_cookie_is_one_of_both_or_nobody(ada: Browser, site: Site):
    stranger = site.browser()
    good, bad = f"{SESSION_COOKIE}={ada.session_cookie}", f"{SESSION_COOKIE}=forged"
    for header in (f"{good}; {bad}", f"{bad}; {good}", f"{good}; {good}", f"{good},{bad}", f";;{good};;", good.lower()):
        response = await stranger.client.get("/dashboard", headers={"Cookie": header})
        assert response.status_code in {200, 303}, header
    assert (await ada.get("/dashboard")).status_code == 200


async def test_cookie_under_the_name_of_the_other_mode_is_nobody(ada: Browser, site: Site):
    """A cookie without the prefix can be set by any neighbour host, so it must not count."""
    response = await site.browser().client.get("/dashboard", headers={"Cookie": f"session={ada.session_cookie}"})
    assert response.status_code == 303


async def test_old_key_stays_valid_while_rotating_and_not_after(
    ada: Browser, environ: dict[str, str], cheap_hasher: MakeHasher
):
    rotating = {**environ, "SECRET_KEY": NEW_KEY, "SECRET_KEY_FALLBACKS": environ["SECRET_KEY"]}
    async with serving(rotating, cheap_hasher()) as site:
        browser = site.browser()
        browser.carry(ada.session_cookie)
        assert (await browser.get("/dashboard")).status_code == 200
        await ada.get("/dashboard")
        form = await browser.post("/settings/sessions/end-others", {"csrf_token": ada.token})
        assert form.status_code == 303
        fresh = await site.browser().log_in(ada.email)
    async with serving({**environ, "SECRET_KEY": NEW_KEY}, cheap_hasher()) as site:
        browser = site.browser()
        browser.carry(ada.session_cookie)
        assert (await browser.get("/dashboard")).status_code == 303
        browser.carry(cookies_set(fresh)[SESSION_COOKIE].value)
        assert (await browser.get("/dashboard")).status_code == 200


async def test_key_of_another_site_signs_nobody_in(ada: Browser, environ: dict[str, str], cheap_hasher: MakeHasher):
    async with serving({**environ, "SECRET_KEY": NEW_KEY}, cheap_hasher()) as site:
        browser = site.browser()
        browser.carry(ada.session_cookie)
        assert (await browser.get("/dashboard")).status_code == 303


async def test_late_answer_that_says_not_signed_in_sets_no_cookie(site: Site, ada: Browser):
    async with site.app.test_request_context("/dashboard"):
        token = str(carried(site, ada.session_cookie))
        resumed = await services().sessions.resume(token, address="192.0.2.1")
        assert resumed is not None
        # The visit slid the session, and then another device ended it while this request was still at work.
        viewer().keep(token, resumed.session, resumed.now)
        answer = await site.app.finalize_request(await site.app.handle_user_exception(Unauthorized()))
    assert isinstance(answer, Response)
    assert not [line for line in answer.headers.getlist("Set-Cookie") if "session=" in line]
