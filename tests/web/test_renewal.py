"""The cookie's secret is renewed while it is used; what the browser is given, and what it takes to be put out."""

import pytest
from pages import PASSWORD, SESSION_COOKIE, Browser, Site, cookies_set
from session_holders import GRACE, PERIOD
from stores import Stores

from webapp.errors import StoreUnavailable
from webapp.sessions.service import SessionService

DAY, MINUTE = 86400, 60
WINDOW = 15 * 60


@pytest.mark.parametrize("kept", [False, True])
async def test_cookie_holds_another_secret_after_ten_minutes_of_use(
    ada: Browser, phone: Browser, stores: Stores, *, kept: bool
):
    browser = phone if kept else ada
    before = browser.session_cookie
    stores.age(PERIOD)

    cookie = cookies_set(await browser.get("/dashboard"))[SESSION_COOKIE]

    assert cookie.value != before
    assert cookie["max-age"] == (str(30 * DAY) if kept else "")
    assert (cookie["secure"], cookie["httponly"], cookie["path"]) == (True, True, "/")
    assert cookie["samesite"] == "Lax"
    assert (await browser.get("/dashboard")).status_code == 200


async def test_pages_that_were_open_are_answered_with_the_cookie_of_before_for_a_minute(
    ada: Browser, site: Site, stores: Stores
):
    tab = site.browser()
    tab.carry(ada.session_cookie)
    stores.age(PERIOD)
    for _ in range(2):
        await ada.get("/dashboard")

    # Some seconds of the minute are left for a busy machine to answer in.
    stores.age(GRACE - 10)
    assert (await tab.get("/dashboard")).status_code == 200
    stores.age(11)
    assert (await tab.get("/dashboard")).status_code == 303
    # There were two who had it.
    assert (await ada.get("/dashboard")).status_code == 303
    assert stores.sessions() == []


async def test_form_that_was_opened_before_can_be_sent_after(ada: Browser, stores: Stores):
    await ada.get("/settings/sessions")
    stores.age(PERIOD)
    await ada.get("/dashboard")

    sent = await ada.post("/settings/sessions/end-others")

    assert sent.status_code == 303
    assert sent.headers["Location"] == "/settings/sessions"


async def test_whoever_confirms_the_password_is_given_another_secret(ada: Browser, stores: Stores):
    before = ada.session_cookie
    stores.age(WINDOW, "confirmed")
    await ada.get("/confirm")

    response = await ada.post("/confirm", {"password": PASSWORD})

    cookie = cookies_set(response)[SESSION_COOKIE]
    assert cookie.value != before
    assert not cookie["max-age"]
    assert (await ada.get("/dashboard")).status_code == 200
    stores.age(GRACE)
    ada.carry(before)
    assert (await ada.get("/dashboard")).status_code == 303


async def test_password_is_confirmed_although_no_new_secret_can_be_given(
    ada: Browser, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("Redis")

    monkeypatch.setattr(SessionService, "offer", fail)
    stores.age(WINDOW, "confirmed")
    await ada.get("/confirm")

    response = await ada.post("/confirm", {"password": PASSWORD})

    assert response.status_code == 303
    assert SESSION_COOKIE not in cookies_set(response)
    assert (await ada.post("/settings/sessions/end-others")).headers["Location"] == "/settings/sessions"


async def test_answer_brings_one_new_secret_where_two_reasons_for_it_meet(
    ada: Browser, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    async def forbidden(*_: object, **__: object) -> None:
        pytest.fail("a second one was made")

    monkeypatch.setattr(SessionService, "offer", forbidden)
    await ada.get("/confirm")
    stores.age(WINDOW)

    response = await ada.post("/confirm", {"password": PASSWORD})

    assert SESSION_COOKIE in cookies_set(response)
    assert (await ada.get("/dashboard")).status_code == 200
