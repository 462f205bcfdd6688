"""A link to a new password for one account, opened in a browser that is signed in to another."""

import pytest
from mailed_links import mailed_token
from pages import FACES, SESSION_COOKIE, Browser, Face, Site, cookies_set, is_fragment, is_page
from who_is_in import is_out

from webapp.errors import StoreUnavailable
from webapp.sessions.service import SessionService

NEW = "eleven copper umbrellas"
YOURS_STAYS = "This link is about another account; yours stays as it is."
DONE = "Ada Lovelace&#39;s password is changed, and every device of that account is signed out."

each_face = pytest.mark.parametrize("face", FACES)
by_hand = pytest.mark.parametrize("face", ["page", "htmx"])


@by_hand
async def test_form_says_that_it_is_about_another_account(face: Face, link: str, ada: Browser, *, eve: Browser):
    page = await eve.get(link)
    refused = await eve.send(face, link, {"new": "abc"})
    assert is_page(refused) if face == "page" else is_fragment(refused, "reset")
    for shown in (page, refused):
        assert "You are signed in as <bdi>Eve</bdi>." in shown.text
        assert YOURS_STAYS in shown.text
    assert YOURS_STAYS not in (await ada.get(link)).text


@by_hand
async def test_notice_afterwards_names_the_account_and_asks_nobody_to_sign_in(
    face: Face, link: str, ada: Browser, *, eve: Browser
):
    await eve.get(link)
    response = await eve.send(face, link, {"new": NEW})
    assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/dashboard"
    page = await eve.get("/dashboard")
    assert DONE in page.text
    assert "Sign in with the new one" not in page.text
    assert await is_out(ada)
    assert not await is_out(eve)


@each_face
async def test_their_browser_forgets_nothing(face: Face, link: str, *, eve: Browser):
    await eve.get(link)
    response = await eve.send(face, link, {"new": NEW})
    assert SESSION_COOKIE not in cookies_set(response)
    assert "Clear-Site-Data" not in response.headers


@by_hand
async def test_account_that_is_to_be_erased_is_not_taken_for_theirs(face: Face, ada: Browser, eve: Browser, site: Site):
    services = await site.services()
    account = await services.accounts.find_by_email(ada.email)
    assert account is not None
    await services.erasures.plan(account.id)
    link = f"/reset/{await mailed_token(site, ada.email)}"
    await eve.get(link)
    await eve.send(face, link, {"new": NEW})
    page = await eve.get("/dashboard")
    assert "Your account is still to be erased" not in page.text
    assert "That account is still to be erased; signing in to it keeps it." in page.text


@each_face
async def test_redis_that_fails_then_does_not_have_it_told_as_theirs(
    face: Face, link: str, *, eve: Browser, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("Redis")

    await eve.get(link)
    monkeypatch.setattr(SessionService, "end_before", fail)
    response = await eve.send(face, link, {"new": NEW})
    assert response.status_code == 503
    assert "password is changed" in response.text
    assert "Your password is changed" not in response.text
