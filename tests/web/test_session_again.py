"""Signing in again over a page whose session is over or about to be: as signing in, for the account of that page."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pages import (
    FACES,
    PASSWORD,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    is_fragment,
    is_page,
    is_problem,
    tags,
)
from stores import Stores
from told import end, token_of

AGAIN = "/session/again"
PROFILE = "/settings/profile"
MONTH = 30 * 86400

pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed")


@dataclass
class Page:
    """An open page of ``browser``, with what session.js knows from it and puts into the form."""

    browser: Browser
    known: dict[str, str] = field(default_factory=dict)

    async def open(self) -> "Page":
        html = (await self.browser.get(PROFILE)).text
        (stream,) = (tag for tag in tags(html, "div") if tag.get("id") == "session-stream")
        (dialog,) = (tag for tag in tags(html, "dialog") if tag.get("id") == "again")
        self.known = {"account": stream["data-account"], "session": stream["data-session"]}
        self.known |= {"email": dialog["data-email"], "remember": dialog["data-remember"]}
        return self

    async def ask(self) -> httpx.Response:
        """Open the dialog, which fetches its form; its token is the one that is sent next."""
        return await self.browser.look("htmx", AGAIN)

    async def sign_in(self, password: str = PASSWORD, **other: str) -> httpx.Response:
        return await self.browser.htmx(AGAIN, {**self.known, "password": password, **other}, page=PROFILE)


@pytest.fixture
async def page(ada: Browser) -> Page:
    return await Page(ada).open()


def facts(answer: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["session-here"]
    return told


async def test_form_asks_redis_nothing_and_belongs_to_the_browser_whatever_its_cookie(
    page: Page, site: Site, stores: Stores
):
    with stores.watched() as commands:
        answer = await page.ask()
    assert commands == []
    assert is_fragment(answer, "again-form")
    names = {tag["name"] for tag in tags(answer.text, "input")}
    assert names == {"csrf_token", "account", "session", "remember", "email", "password"}
    await end(site, page.browser)
    del page.browser.client.cookies[SESSION_COOKIE]
    assert (await page.sign_in()).status_code == 200


async def test_right_password_makes_a_new_session_and_tells_the_page_of_it(page: Page, site: Site, stores: Stores):
    await end(site, page.browser)
    await page.ask()
    answer = await page.sign_in()
    assert answer.status_code == 200
    assert "You are signed in again." in answer.text
    told, token = facts(answer), token_of(site, page.browser)
    assert told == {
        "target": "#session-stream",
        "account": page.known["account"],
        "session": token.session_id,
        "csrf": told["csrf"],
        "shared": "",
    }
    assert token.session_id != page.known["session"]
    assert len(stores.sessions()) == 1
    renamed = await page.browser.htmx(PROFILE, {"name": "Countess", "csrf_token": told["csrf"]}, page=PROFILE)
    assert renamed.status_code == 200


async def test_being_kept_signed_in_is_carried_over(phone: Browser, ada: Browser, site: Site):
    for browser, kept in ((phone, True), (ada, False)):
        page = await Page(browser).open()
        await end(site, browser)
        await page.ask()
        cookie = cookies_set(await page.sign_in())[SESSION_COOKIE]
        assert cookie["max-age"] == (str(MONTH) if kept else "")


async def test_wrong_password_is_told_in_the_form_which_keeps_all_but_it(page: Page, site: Site, stores: Stores):
    await end(site, page.browser)
    await page.ask()
    answer = await page.sign_in("wrong lanterns")
    assert answer.status_code == 401
    assert is_fragment(answer, "again-form")
    assert "The email or the password is not right." in answer.text
    shown = {tag["name"]: tag.get("value", "") for tag in tags(answer.text, "input")}
    assert {name: shown[name] for name in page.known} == page.known
    assert not shown["password"]
    assert stores.sessions() == []


@pytest.mark.usefixtures("unhurried")
async def test_tries_are_counted_with_those_of_the_sign_in_page(page: Page, site: Site, stores: Stores):
    await end(site, page.browser)
    stranger = Page(site.browser(), page.known)
    await stranger.ask()
    answers = [await stranger.sign_in(f"wrong {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert is_fragment(answers[-1], "again-form")
    assert answers[-1].text.count("data-countdown") == 1
    await stranger.browser.get("/login")
    assert (
        await stranger.browser.post("/login", {"email": page.known["email"], "password": "wrong"})
    ).status_code == 429
    assert stores.sessions() == []


async def test_empty_password_and_stale_form_come_back(page: Page, site: Site):
    await end(site, page.browser)
    await page.ask()
    answer = await page.sign_in("")
    assert (answer.status_code, is_fragment(answer, "again-form")) == (422, True)
    assert "Please enter your password." in answer.text
    answer = await page.sign_in(csrf_token="A" * 43)
    assert (answer.status_code, is_fragment(answer, "again-form")) == (422, True)
    assert (await page.sign_in()).status_code == 200


async def test_where_another_tab_was_faster_its_session_is_the_answer_and_no_password_counts(
    page: Page, site: Site, stores: Stores
):
    await end(site, page.browser)
    await page.ask()
    late = page.browser.token
    await page.browser.log_in()
    sessions, counts = stores.sessions(), stores.counts()
    answer = await page.sign_in("wrong lanterns", csrf_token=late)
    assert answer.status_code == 200
    assert facts(answer)["session"] == token_of(site, page.browser).session_id
    assert (stores.sessions(), stores.counts()) == (sessions, counts)


async def test_while_the_session_of_the_page_lives_the_password_is_asked_and_a_new_one_takes_its_place(
    page: Page, site: Site, stores: Stores
):
    """Its end is near whatever one does, and nobody who finds the browser open gets it prolonged for nothing."""
    await page.ask()
    assert (await page.sign_in("wrong lanterns")).status_code == 401
    before = stores.sessions()
    answer = await page.sign_in()
    assert facts(answer)["session"] not in {page.known["session"], ""}
    assert len(stores.sessions()) == 1
    assert stores.sessions() != before


async def test_page_of_one_account_signs_nobody_in_where_another_one_is(page: Page, eve: Browser, stores: Stores):
    """Eve has signed in in this browser since; no password is tried."""
    foreign = Page(eve, page.known)
    await foreign.ask()
    before = stores.contents(), stores.counts()
    answer = await foreign.sign_in()
    assert answer.status_code == 403
    assert is_fragment(answer, "again-form")
    assert (stores.contents(), stores.counts()) == before
    assert SESSION_COOKIE not in cookies_set(answer)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("face", FACES)
async def test_right_password_of_another_account_is_a_wrong_one_in_every_way(
    face: Face, page: Page, eve: Browser, site: Site, stores: Stores
):
    """Else whoever is not let in could still learn that the password is right, and nobody would be told."""
    stranger, answers, sessions = site.browser("203.0.113.9"), [], stores.sessions()
    fields = {**page.known, "email": eve.email}
    for password in ("wrong", PASSWORD, "wrong", PASSWORD, PASSWORD):
        await stranger.look("htmx", AGAIN)
        answers.append(await stranger.send(face, AGAIN, {**fields, "password": password}))
    assert {answer.status_code for answer in answers} == {401}
    assert all("The email or the password is not right." in answer.text for answer in answers)
    assert all(SESSION_COOKIE not in cookies_set(answer) for answer in answers)
    assert stores.sessions() == sessions
    assert (await stranger.send(face, AGAIN, {**fields, "password": "wrong"})).status_code == 429


async def test_page_whose_account_is_not_named_takes_any(ada: Browser, site: Site):
    program = site.browser()
    fields = {"email": ada.email, "password": PASSWORD, "account": "", "session": ""}
    assert (await program.json("POST", AGAIN, fields)).json()["account"]["email"] == ada.email


async def test_shared_computer_offers_nobody_the_page_of_the_one_before(ada: Browser, site: Site):
    lobby = site.browser()
    await lobby.log_in(ada.email, shared="y")
    for browser, offered in ((ada, True), (lobby, False)):
        dialogs = {tag.get("id") for tag in tags((await browser.get(PROFILE)).text, "dialog")}
        assert ("again" in dialogs) is offered


async def test_while_redis_is_away_a_notice_says_so_and_nothing_is_lost(page: Page, site: Site, stores: Stores):
    await end(site, page.browser)
    await page.ask()
    with stores.away():
        answer = await page.sign_in()
        assert answer.status_code == 503
        assert answer.headers["HX-Retarget"] == "#notices"
        assert (await page.ask()).status_code == 200
    assert (await page.sign_in()).status_code == 200


async def test_without_htmx_it_is_a_page_and_the_address_leads_to_where_one_signs_in(page: Page, site: Site):
    assert (await page.browser.get(AGAIN)).headers["Location"] == "/dashboard"
    await end(site, page.browser)
    assert (await page.browser.get(AGAIN)).headers["Location"] == "/login?next=/dashboard"
    await page.ask()
    answer = await page.browser.post(AGAIN, {**page.known, "password": "wrong"})
    assert (answer.status_code, is_page(answer)) == (401, True)
    answer = await page.browser.post(AGAIN, {**page.known, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


async def test_programs_sign_in_by_it_as_well(ada: Browser, site: Site):
    program = site.browser()
    fields = {"email": ada.email, "password": PASSWORD}
    assert "password" in (await program.json("GET", AGAIN)).json()["fields"]
    assert is_problem(await program.json("POST", AGAIN, {**fields, "password": "wrong"}), 401)
    assert (await program.json("POST", AGAIN, fields)).json()["account"]["email"] == ada.email
    assert is_problem(await program.json("POST", AGAIN, fields), 400)
