"""The page that a page turns into whose session is over: it says why, and has the way back in."""

import re
from urllib.parse import quote

import httpx
import pytest
from pages import (
    ORIGIN,
    PASSWORD,
    SESSION_COOKIE,
    TOLD_COOKIE,
    VISITOR_COOKIE,
    Browser,
    Site,
    cookies_set,
    is_problem,
    tags,
    token_in,
)
from stores import Stores
from told import FROM_FIREFOX, START, end, identity, said, token_of, told, write_end

from webapp.errors import StoreUnavailable
from webapp.history import History
from webapp.logs.secret_paths import WORDS
from webapp.sessions.token import Token
from webapp.web.endings import NOBODY_KNOWS

pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed", "unhurried")

ENDED = "/session/ended"
DAY = 86400


def why(html: str) -> str:
    found = re.search(r'id="ended-why".*?<span>([^<]*)</span>', html, re.DOTALL)
    return found[1] if found else ""


async def test_visitor_is_told_that_nobody_is_signed_in_and_nothing_is_guessed(browser: Browser):
    page = (await browser.get(f"{ENDED}?next=/settings/sessions")).text
    assert ">You are signed out</h1>" in page
    assert why(page) == ""
    assert START not in page
    assert next(tag for tag in tags(page, "input") if tag.get("name") == "next")["value"] == "/settings/sessions"


async def test_reason_stands_there_each_time_and_the_sign_in_page_does_not_tell_it_again(phone: Browser, site: Site):
    await end(site, phone)
    first, second = [(await phone.get(ENDED)).text for _ in range(2)]
    assert re.fullmatch(FROM_FIREFOX, why(first))
    assert why(second) == why(first)
    assert not said((await phone.get("/login")).text)


async def test_field_with_the_focus_is_described_by_the_reason(phone: Browser, site: Site):
    await end(site, phone)
    (focused,) = (tag for tag in tags((await phone.get(ENDED)).text, "input") if "autofocus" in tag)
    assert focused["name"] == "email"
    assert focused["aria-describedby"].split() == ["ended-why"]


async def test_signing_in_there_leads_to_where_one_was(phone: Browser, site: Site):
    await end(site, phone)
    page = (await phone.get(f"{ENDED}?next=/settings/profile%3Fa%3D1")).text
    form = next(tag for tag in tags(page, "form") if tag.get("id") == "login")
    next_path = next(tag for tag in tags(page, "input") if tag.get("name") == "next")["value"]
    answer = await phone.post(form["action"], {"email": phone.email, "password": PASSWORD, "next": next_path})
    assert answer.headers["Location"] == "/settings/profile?a=1"


async def test_living_session_goes_on_unused(phone: Browser, stores: Stores):
    stores.age(300)
    before = stores.everything()
    answer = await phone.get(f"{ENDED}?next=/settings/profile")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/profile")
    assert stores.everything() == before
    assert SESSION_COOKIE not in cookies_set(answer)


@pytest.mark.parametrize("wanted", ["https://evil.test", "//evil.test", f"{ENDED}?next=/", "/session/again", "/logout"])
async def test_next_stays_on_this_site_and_never_leads_round(wanted: str, phone: Browser, browser: Browser):
    assert (await phone.get(f"{ENDED}?next={quote(wanted)}")).headers["Location"] == "/dashboard"
    page = (await browser.get(f"{ENDED}?next={quote(wanted)}")).text
    assert next(tag for tag in tags(page, "input") if tag.get("name") == "next")["value"] == "/dashboard"


def place_to_come_back_to(page: httpx.Response) -> str:
    """Give what a page tells its script to come back to when its session is over."""
    (stream,) = (tag for tag in tags(page.text, "div") if tag.get("id") == "session-stream")
    return stream["data-next"]


@pytest.mark.parametrize("path", ["/dashboard", "/settings/history?before=1&x=%26", "/settings/sessions"])
async def test_page_knows_its_own_address_as_the_place_to_come_back_to(path: str, ada: Browser):
    assert place_to_come_back_to(await ada.get(path)) == path
    ended = await ada.get(f"{ENDED}?next={quote(path, safe='')}")
    assert ended.headers["Location"] == path


async def test_page_that_answers_a_form_leads_back_to_where_the_form_stands(ada: Browser):
    await ada.get("/settings/profile")
    answer = await ada.post("/settings/profile", {"name": ""}, referer=f"{ORIGIN}/settings/profile?a=1")
    assert answer.status_code == 422
    assert place_to_come_back_to(answer) == "/settings/profile?a=1"


@pytest.mark.parametrize("word", WORDS)
async def test_address_from_a_mail_is_no_place_to_come_back_to(word: str, ada: Browser, link: str):
    """It is a secret, and would stand in the address of another page, and in the log."""
    token = link.removeprefix("/reset/")
    for spelled in (word, word.upper()):
        assert place_to_come_back_to(await ada.get(f"/{spelled}/{token}")) == ""


async def test_alarming_reason_looks_so(phone: Browser, site: Site):
    await end(site, phone, "two-places", "")
    page = (await phone.get(ENDED)).text
    assert "somebody may have a copy" in why(page)
    assert any("notice-error" in tag.get("class", "") for tag in tags(page, "p"))


async def test_end_by_itself_is_told_from_the_history_or_in_general(phone: Browser, site: Site, stores: Stores):
    token = token_of(site, phone)
    stores.age(40 * DAY, "seen")
    assert why((await phone.get(ENDED)).text) == NOBODY_KNOWS
    await write_end(site, token, "idle", after="2592000")
    assert "was not used for 30 days" in why((await phone.get(ENDED)).text)


async def test_own_sign_out_is_no_news(phone: Browser):
    cookie = phone.session_cookie
    await phone.get("/dashboard")
    await phone.post("/logout")
    phone.carry(cookie)
    page = (await phone.get(ENDED)).text
    assert ">You are signed out</h1>" in page
    assert why(page) == ""


@pytest.mark.parametrize(
    ("button", "words"),
    [("/logout", "You are signed out."), ("/logout-all", "You are signed out everywhere.")],
)
async def test_what_another_tab_is_to_be_told_is_left_to_it(button: str, words: str, phone: Browser):
    """A sign-out turns the other tabs while its own page is on the way: theirs neither take its words nor undo them."""
    phone.client.cookies.delete(VISITOR_COOKIE)
    await phone.get("/dashboard")
    cookie = phone.session_cookie
    await phone.post(button)
    for session_cookie in (cookie, ""):
        if session_cookie:
            phone.client.cookies.set(SESSION_COOKIE, session_cookie, domain=phone.client.base_url.host)
        answer = await phone.get(ENDED)
        assert words not in answer.text
        # The cookie that holds them is not written, whichever answer comes last.
        assert VISITOR_COOKIE not in cookies_set(answer)
        phone.client.cookies.delete(SESSION_COOKIE)
    assert words in (await phone.get("/login")).text


@pytest.mark.parametrize("path", [ENDED, "/login"])
async def test_form_that_was_shown_while_the_dead_cookie_was_there_serves_without_it_and_with_the_next_one(
    path: str, phone: Browser, site: Site
):
    """Two tabs turn at once: one is signed in by then, or the answer to a sign-out has taken the cookie away."""
    await end(site, phone)
    waiting = token_in((await phone.get(path)).text)
    fields = {"email": phone.email, "password": PASSWORD, "csrf_token": waiting}
    phone.client.cookies.delete(SESSION_COOKIE)
    assert (await phone.post("/login", fields)).status_code == 303
    assert (await phone.post("/login", fields)).status_code == 303


async def test_secret_that_is_none_of_a_living_session_learns_nothing_of_it(phone: Browser, site: Site):
    token = token_of(site, phone)
    stranger = site.browser()
    forged = Token(token.account_id, token.session_id, "A" * len(token.secret))
    stranger.carry(identity(site).dump_token(str(forged), app=site.app))
    page = await stranger.get(ENDED)
    assert page.status_code == 200
    assert why(page.text) == ""


async def test_while_redis_is_away_nobody_can_tell_and_the_cookie_stays(phone: Browser, site: Site, stores: Stores):
    await end(site, phone)
    with stores.away():
        answer = await phone.get(f"{ENDED}?next=/settings/profile")
        assert answer.status_code == 503
        assert "is not known" in answer.text
        assert "signed out" not in answer.text
        assert 'href="/settings/profile">Try again' in answer.text
        assert SESSION_COOKIE not in cookies_set(answer)
        assert is_problem(await phone.json("GET", ENDED), 503)
    assert re.fullmatch(FROM_FIREFOX, why((await phone.get(ENDED)).text))


async def test_while_sql_is_away_it_says_nothing_false_and_tells_later(
    phone: Browser, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    await write_end(site, token_of(site, phone), "idle")
    stores.age(40 * DAY, "seen")
    with monkeypatch.context() as away:
        away.setattr(History, "find", _gone)
        answer = await phone.get(ENDED)
        assert ">You are signed out</h1>" in answer.text
        assert why(answer.text) == ""
    assert await told(phone)


async def test_programs_get_it_as_json(phone: Browser, browser: Browser, site: Site):
    assert (await phone.json("GET", ENDED)).json() == {"signed_in": True}
    assert (await browser.json("GET", ENDED)).json() == {"signed_in": False, "why": ""}
    await end(site, phone)
    answer = (await phone.json("GET", ENDED)).json()
    assert answer["signed_in"] is False
    assert re.fullmatch(FROM_FIREFOX, answer["why"])


async def test_page_is_one_for_guests_and_holds_no_stream(phone: Browser, site: Site):
    await end(site, phone)
    answer = await phone.get(ENDED)
    assert "session-stream" not in answer.text
    assert set(cookies_set(answer)) == {TOLD_COOKIE}
    assert ORIGIN not in answer.text


async def _gone(*_: object) -> None:
    raise StoreUnavailable("a store")
