"""Choosing a new password with a link from a mail: opening it changes nothing, using it puts everybody out."""

import asyncio
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import pytest
from log_lines import captured
from mailed_links import mailed_token
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
from who_is_in import do_what_is_owed, is_out, signs_in

from webapp.accounts.new_passwords import PasswordService
from webapp.outbox import Entry

NEW = "eleven copper umbrellas"
TOLD = "Your password is changed, and every device is signed out. Sign in with the new one."
LONGEST = "correct horse battery staple " * 9
REFUSED = {
    "nothing at all": {},
    "an empty one": {"new": ""},
    "a short one": {"new": "kq9-zx7"},
    "a common one": {"new": "password1"},
    "one of 257 characters": {"new": f"q{LONGEST[:256]}"},
    "one of their name": {"new": "adalovelace1"},
    "the one that it is": {"new": PASSWORD},
    "the wrong field": {"password": NEW},
}

each_face = pytest.mark.parametrize("face", FACES)


@each_face
async def test_new_password_signs_every_device_out_and_leads_to_the_sign_in_page(
    face: Face, link: str, ada: Browser, phone: Browser, site: Site
):
    reader = site.browser("203.0.113.20")
    await reader.get(link)
    response = await reader.send(face, link, {"new": NEW})
    if face == "json":
        assert response.status_code == 200
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/login"
        assert TOLD in (await reader.get("/login")).text
    assert SESSION_COOKIE not in cookies_set(response)
    for browser in (ada, phone, reader):
        assert await is_out(browser)
    assert not await signs_in(site, ada.email, PASSWORD)
    assert await signs_in(site, ada.email, NEW)


@each_face
async def test_cookie_of_a_session_of_that_account_is_taken_away(face: Face, link: str, ada: Browser, phone: Browser):
    await ada.get(link)
    response = await ada.send(face, link, {"new": NEW})
    assert cookies_set(response)[SESSION_COOKIE].value == ""
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert ada.session_cookie == ""
    assert await is_out(phone)
    if face != "json":
        page = await ada.get("/login")
        assert page.status_code == 200
        assert TOLD in page.text
    assert (await ada.log_in(password=NEW)).status_code == 303


@each_face
async def test_session_of_another_account_stays(face: Face, link: str, ada: Browser, eve: Browser):
    assert 'action="/logout"' in (await eve.get(link)).text
    response = await eve.send(face, link, {"new": NEW})
    assert response.status_code == (303 if face == "page" else 200)
    assert SESSION_COOKIE not in cookies_set(response)
    assert not await is_out(eve)
    assert await is_out(ada)


@each_face
@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_is_told_at_the_field_and_the_link_still_works(
    case: str, face: Face, link: str, *, ada: Browser, browser: Browser, stores: Stores
):
    await browser.get(link)
    before = stores.contents()
    response = await browser.send(face, link, REFUSED[case])
    assert response.status_code == 422
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == ["new"]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "reset")
        assert [tag["name"] for tag in tags(response.text, "input") if tag.get("aria-invalid")] == ["new"]
    assert not [typed for typed in REFUSED[case].values() if typed and typed in response.text]
    assert stores.contents() == before
    assert not await is_out(ada)
    assert (await browser.send(face, link, {"new": NEW})).status_code in {200, 303}


@pytest.mark.parametrize("body", [b'{"new": ["a"]}', b'{"new": "\\ud800 lanterns"}', b"[]", b"\xff", b"{"])
async def test_json_that_is_no_form_is_refused(body: bytes, link: str, browser: Browser, stores: Stores):
    before = stores.contents()
    response = await browser.client.post(link, content=body, headers={"Content-Type": "application/json"})
    assert is_problem(response, 400)
    assert stores.contents() == before


async def test_pressing_twice_sets_it_once(link: str, ada: Browser, site: Site):
    reader = site.browser()
    await reader.get(link)
    answers = await asyncio.gather(
        reader.post(link, {"new": NEW}), reader.post(link, {"new": "quiet marble afternoon 7"})
    )
    assert sorted(answer.status_code for answer in answers) == [303, 410]
    chosen = NEW if answers[0].status_code == HTTPStatus.SEE_OTHER else "quiet marble afternoon 7"
    assert await signs_in(site, ada.email, chosen)


@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_stale_form_comes_back_and_sets_nothing(face: Face, link: str, ada: Browser, site: Site):
    await ada.get(link)
    response = await ada.send(face, link, {"new": NEW, "csrf_token": "stale"})
    assert response.status_code == 422
    assert "open for too long" in response.text
    assert NEW not in response.text
    assert await signs_in(site, ada.email, PASSWORD)
    assert (await ada.post(link, {"new": NEW})).status_code == 303


async def test_other_site_cannot_send_it(link: str, ada: Browser, browser: Browser, site: Site):
    await browser.get(link)
    assert (await browser.post(link, {"new": NEW}, sec_fetch_site="cross-site")).status_code == 403
    assert await signs_in(site, ada.email, PASSWORD)


@each_face
async def test_account_that_is_to_be_erased_is_told_that_signing_in_keeps_it(
    face: Face, link: str, ada: Browser, site: Site
):
    services = await site.services()
    account = await services.accounts.find_by_email(ada.email)
    assert account is not None
    assert await services.erasures.plan(account.id)
    reader = site.browser()
    page = await reader.get(f"/reset/{await mailed_token(site, ada.email)}")
    assert "is to be erased" in page.text
    assert "signing in with it keeps the account" in page.text
    link = f"/reset/{await mailed_token(site, ada.email)}"
    assert (await reader.send(face, link, {"new": NEW})).status_code in {200, 303}
    kept = await services.accounts.find(account.id)
    assert kept is not None
    assert kept.erase_at is not None
    page = await reader.get("/login")
    assert ("signing in keeps it" in page.text) == (face != "json")
    assert await signs_in(site, ada.email, NEW)
    kept = await services.accounts.find(account.id)
    assert kept is not None
    assert kept.erase_at is None


@each_face
async def test_redis_that_fails_once_the_password_is_set_is_told_so(
    face: Face, link: str, ada: Browser, *, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    reset = PasswordService.reset

    async def reset_and_lose_redis(*values: Any, **more: Any) -> list[Entry]:
        entries = await reset(*values, **more)
        lost.enter_context(stores.away())
        return entries

    reader = site.browser()
    await reader.get(link)
    monkeypatch.setattr(PasswordService, "reset", reset_and_lose_redis)
    with ExitStack() as lost:
        response = await reader.send(face, link, {"new": NEW})
    assert response.status_code == 503
    assert "Your password is changed" in response.text
    assert 'name="new"' not in response.text
    assert link not in response.text
    await do_what_is_owed(site, ada.email)
    assert await is_out(ada)
    assert await signs_in(site, ada.email, NEW)


async def test_nothing_typed_is_in_the_log_of_a_bug(link: str, browser: Browser, monkeypatch: pytest.MonkeyPatch):
    async def bug(_: object, token: str, new: str, **__: object) -> None:
        raise RuntimeError(f"a bug with {token} and {new}")

    await browser.get(link)
    monkeypatch.setattr(PasswordService, "reset", bug)
    with captured() as log:
        assert (await browser.post(link, {"new": NEW})).status_code == 500
    assert "a bug with" in log.text
    assert NEW not in log.text
    assert link.removeprefix("/reset/") not in log.text


async def test_strength_check_knows_the_email_of_the_page(link: str, ada: Browser, browser: Browser):
    await browser.get(link)
    local = ada.email.partition("@")[0]
    typed = {"new": f"{local} 7", "email": ada.email}
    response = await browser.htmx("/register/strength", typed, page="/")
    assert is_fragment(response, "strength")
    assert 'data-verdict="weak"' in response.text
