"""A changed password: every other device is out, and this one stays with a new secret."""

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest
from pages import FACES, PASSWORD, SESSION_COOKIE, Browser, Face, Site, cookies_set, session_ids
from stores import Stores
from who_is_in import do_what_is_owed, is_out, signs_in

from webapp.accounts.client import Client
from webapp.accounts.new_passwords import PasswordService
from webapp.errors import StoreUnavailable
from webapp.outbox import Entry
from webapp.sessions.service import SessionService

PATH = "/settings/password"
NEW, THIRD = "eleven copper umbrellas", "quiet marble afternoon 7"
SENT = {"current": PASSWORD, "new": NEW}
TOLD = "Your password is changed. Every other device is signed out."
each_face = pytest.mark.parametrize("face", FACES)


@each_face
async def test_other_devices_are_out_and_this_one_stays(face: Face, ada: Browser, phone: Browser, site: Site):
    laptop = site.browser("203.0.113.20")
    await laptop.log_in(ada.email)
    await ada.get(PATH)
    (here, *_) = session_ids((await ada.get("/settings/sessions")).text)
    response = await ada.send(face, PATH, SENT)
    if face == "json":
        assert (response.status_code, response.json()["account"]["email"]) == (200, ada.email)
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == PATH
        assert TOLD in (await ada.get(PATH)).text
    assert await is_out(phone)
    assert await is_out(laptop)
    assert session_ids((await ada.get("/settings/sessions")).text) == [here]
    assert await signs_in(site, ada.email, NEW)
    assert not await signs_in(site, ada.email, PASSWORD)


@each_face
async def test_this_session_gets_a_new_secret_and_the_old_one_is_dead_at_once(face: Face, ada: Browser, site: Site):
    await ada.get(PATH)
    old = ada.session_cookie
    response = await ada.send(face, PATH, SENT)
    assert SESSION_COOKIE in cookies_set(response)
    assert ada.session_cookie != old
    thief = site.browser()
    thief.carry(old)
    assert await is_out(thief)
    assert not await is_out(ada)


async def test_cookie_of_a_remembered_session_stays_one(phone: Browser):
    await phone.get(PATH)
    cookie = cookies_set(await phone.post(PATH, SENT))[SESSION_COOKIE]
    assert int(cookie["max-age"]) > 0


async def test_page_that_was_open_still_works_afterwards(ada: Browser):
    """The token of its forms is bound to the session's id, which stays."""
    await ada.get("/settings/sessions")
    open_page = ada.token
    await ada.post(PATH, SENT)
    assert (await ada.post(PATH, {"csrf_token": open_page, "current": NEW, "new": THIRD})).status_code == 303


@each_face
async def test_second_tab_is_told_that_its_password_is_not_right(face: Face, ada: Browser):
    await ada.get(PATH)
    second = ada.token
    await ada.post(PATH, SENT)
    response = await ada.send(face, PATH, {"csrf_token": second, "current": PASSWORD, "new": THIRD})
    assert response.status_code == 401
    assert "The password is not right." in response.text


async def test_other_browser_that_changes_it_second_is_signed_out(ada: Browser, phone: Browser):
    await phone.get(PATH)
    await ada.get(PATH)
    await ada.post(PATH, SENT)
    response = await phone.post(PATH, {"current": PASSWORD, "new": THIRD})
    assert response.headers["Location"].startswith("/login?next=")


async def test_pressing_twice_changes_it_once(ada: Browser, phone: Browser, site: Site):
    await ada.get(PATH)
    answers = await asyncio.gather(ada.post(PATH, SENT), ada.post(PATH, SENT))
    first, second = sorted(answers, key=lambda answer: answer.headers.get("Location") != PATH)
    assert (first.status_code, first.headers["Location"]) == (303, PATH)
    # The one that lost found the new password in place, or its own cookie renewed; neither did anything.
    assert second.status_code in {401, 303}
    assert SESSION_COOKIE not in cookies_set(second)
    assert not await is_out(ada)
    assert await is_out(phone)
    assert await signs_in(site, ada.email, NEW)


@each_face
async def test_redis_that_is_away_is_503_and_nothing_is_changed(face: Face, phone: Browser, site: Site, stores: Stores):
    await phone.get(PATH)
    with stores.away():
        response = await phone.send(face, PATH, SENT)
    assert response.status_code == 503
    assert SESSION_COOKIE not in cookies_set(response)
    assert await signs_in(site, phone.email, PASSWORD)


@each_face
async def test_redis_that_fails_once_the_password_is_changed_is_told_so(
    face: Face, ada: Browser, phone: Browser, *, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    await ada.get(PATH)
    change = PasswordService.change

    async def change_and_lose_redis(*values: Any, **more: Any) -> list[Entry]:
        entries = await change(*values, **more)
        lost.enter_context(stores.away())
        return entries

    monkeypatch.setattr(PasswordService, "change", change_and_lose_redis)
    with ExitStack() as lost:
        response = await ada.send(face, PATH, SENT)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert SESSION_COOKIE not in cookies_set(response)
    assert "Your password is changed" in response.text
    assert 'name="new"' not in response.text
    if face == "json":
        assert "The new one counts" in response.json()["detail"]
    assert not await is_out(ada)
    assert await signs_in(site, ada.email, NEW)
    # A copy of this browser's cookie may be somewhere, and was not made worthless: so this one ends as well.
    await do_what_is_owed(site, ada.email)
    assert await is_out(phone)
    assert await is_out(ada)


@each_face
async def test_session_that_could_not_be_renewed_is_told_so(
    face: Face, ada: Browser, phone: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: object) -> None:
        raise StoreUnavailable("Redis")

    await ada.get(PATH)
    monkeypatch.setattr(SessionService, "renew", fail)
    response = await ada.send(face, PATH, SENT)
    assert response.status_code == 503
    assert SESSION_COOKIE not in cookies_set(response)
    assert "every device that is signed in is signed out" in response.text
    await do_what_is_owed(site, ada.email)
    assert await is_out(ada)
    assert await is_out(phone)
    assert await signs_in(site, ada.email, NEW)


@each_face
async def test_session_that_is_ended_meanwhile_hears_of_the_change_when_it_signs_in(
    face: Face, ada: Browser, phone: Browser, monkeypatch: pytest.MonkeyPatch
):
    async def ended(*_: object) -> None:
        return None

    await ada.get(PATH)
    monkeypatch.setattr(SessionService, "renew", ended)
    response = await ada.send(face, PATH, SENT)
    assert response.status_code == (303 if face == "page" else 401)
    assert await is_out(phone)
    if face != "json":
        assert "Your password is changed. Sign in with the new one." in (await ada.get("/login")).text


async def test_mail_will_tell_the_device_and_the_address(ada: Browser, monkeypatch: pytest.MonkeyPatch):
    told = []

    async def note(*_: object, client: Client, **__: object) -> list[object]:
        told.append((client.where, client.network))
        return []

    monkeypatch.setattr(PasswordService, "change", note)
    await ada.get(PATH)
    await ada.post(PATH, SENT)
    assert told == [("Firefox on Linux, 192.0.2.1", "192.0.2.1")]
