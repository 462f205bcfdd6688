"""Asking for a link to a new password: one answer for everybody, whoever has an account and whoever asked before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mailed_links import resets_owed
from pages import (
    FACES,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    is_fragment,
    is_page,
    is_problem,
    new_email,
    tags,
)
from serving import serving
from stores import Stores

from webapp.accounts.passwords import PasswordHasher

PATH = "/forgot"
TOLD = "If there is an account with"
STRANGE = {
    "nothing": "",
    "no email": "ada",
    "no domain": "ada@",
    "300 characters": "a" * 290 + "@example.test",
    "NUL": "ada\0@example.test",
    "line break": "ada@example.test\r\nBcc: eve@example.test",
    "markup": "<script>alert(1)</script>@example.test",
}

pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed")

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Have mail sent, into files."""
    return {**environ, "MAIL_URL": f"file://{tmp_path / 'mail'}"}


async def test_page_asks_for_an_email_and_knows_that_of_whoever_is_signed_in(ada: Browser, browser: Browser):
    for who, email in ((browser, ""), (ada, ada.email)):
        page = await who.get(PATH)
        assert page.status_code == 200
        (field,) = [tag for tag in tags(page.text, "input") if tag["name"] == "email"]
        assert (field["autocomplete"], field["value"]) == ("username", email)
        assert ('action="/logout"' in page.text) == bool(email)


async def test_sign_in_page_leads_here(browser: Browser):
    assert PATH in [tag["href"] for tag in tags((await browser.get("/login")).text, "a")]


@each_face
@pytest.mark.usefixtures("at_once")
async def test_answer_is_neutral_and_an_entry_is_written(face: Face, ada: Browser, browser: Browser, sqlite_url: str):
    await browser.get(PATH)
    response = await browser.send(face, PATH, {"email": ada.email.upper()})
    if face == "json":
        assert response.status_code == 202
        assert TOLD in response.json()["detail"]
    else:
        assert response.status_code == 200
        assert is_page(response) if face == "page" else is_fragment(response, "forgotten")
        for words in (TOLD, ada.email.upper(), "30 minutes", "spam", "2 minutes", "at most 5 mails a day"):
            assert words in response.text
    assert resets_owed(sqlite_url) == {ada.email: 1}


@pytest.mark.usefixtures("at_once")
async def test_focus_moves_to_the_heading_of_what_was_swapped_in(browser: Browser):
    await browser.get(PATH)
    response = await browser.htmx(PATH, {"email": new_email()}, page=PATH)
    assert ["autofocus" in tag for tag in tags(response.text, "h1")] == [True]
    page = await browser.post(PATH, {"email": new_email()})
    assert ["autofocus" in tag for tag in tags(page.text, "h1")] == [False]


@each_face
@pytest.mark.parametrize("case", STRANGE)
async def test_what_is_no_email_is_told_at_the_field(
    case: str, face: Face, browser: Browser, stores: Stores, sqlite_url: str
):
    await browser.get(PATH)
    response = await browser.send(face, PATH, {"email": STRANGE[case]})
    assert response.status_code == 422
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == ["email"]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "forgot")
        assert [tag["name"] for tag in tags(response.text, "input") if tag.get("aria-invalid")] == ["email"]
        assert "<script>alert" not in response.text
    assert resets_owed(sqlite_url) == {}
    assert stores.counts() == []


@pytest.mark.parametrize("body", [b'{"email": ["a@b.test"]}', b'{"email": "\\ud800@b.test"}', b"[]", b"\xff", b"{"])
async def test_json_that_is_no_form_is_refused(body: bytes, browser: Browser, sqlite_url: str):
    response = await browser.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert is_problem(response, 400)
    assert resets_owed(sqlite_url) == {}


@pytest.mark.usefixtures("at_once")
async def test_stale_form_comes_back_with_the_email(ada: Browser, sqlite_url: str):
    await ada.get(PATH)
    response = await ada.post(PATH, {"email": "ada@example.test", "csrf_token": "stale"})
    assert response.status_code == 422
    assert "open for too long" in response.text
    assert 'value="ada@example.test"' in response.text
    assert resets_owed(sqlite_url) == {}
    assert (await ada.post(PATH, {"email": "ada@example.test"})).status_code == 200
    assert resets_owed(sqlite_url) == {"ada@example.test": 1}


@each_face
@pytest.mark.usefixtures("at_once")
async def test_redis_that_is_away_brings_the_form_back(
    face: Face, phone: Browser, site: Site, stores: Stores, sqlite_url: str
):
    browser = site.browser()
    for who in (browser, phone):
        await who.get(PATH)
        with stores.away():
            response = await who.send(face, PATH, {"email": phone.email})
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert SESSION_COOKIE not in cookies_set(response)
        assert face != "page" or f'value="{phone.email}"' in response.text
    assert resets_owed(sqlite_url) == {}


async def test_page_itself_needs_no_redis(ada: Browser, browser: Browser, stores: Stores):
    with stores.away():
        for who in (ada, browser):
            assert (await who.get(PATH)).status_code == 200


async def test_nothing_is_said_of_it_to_other_sites(browser: Browser, sqlite_url: str):
    await browser.get(PATH)
    assert (await browser.post(PATH, {"email": new_email()}, sec_fetch_site="cross-site")).status_code == 403
    assert resets_owed(sqlite_url) == {}


@each_face
async def test_site_that_sends_no_mail_says_whom_to_ask_instead(
    face: Face, environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], sqlite_url: str
):
    async with serving({**environ, "MAIL_URL": ""}, cheap_hasher()) as site:
        browser = site.browser()
        page = await browser.get(PATH)
        response = await browser.send(face, PATH, {"email": browser.email})
    assert page.status_code == 200
    assert response.status_code == (501 if face == "json" else 200)
    for answer in (page, response):
        assert "sends no mail" in answer.text
        assert "Ask whoever runs it" in answer.text
    assert resets_owed(sqlite_url) == {}
