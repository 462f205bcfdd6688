"""Was this you? The page that shows a sign-in on a new browser, and its one button."""

from datetime import timedelta
from pathlib import Path

import pytest
from mail_folder import arrived, link_to
from mailed_links import mailed_token
from pages import (
    FACES,
    IPHONE,
    PASSWORD,
    Browser,
    Face,
    Site,
    is_problem,
    tags,
)
from stores import Stores
from thefts import Theft, account_id_of, is_in, steal

from webapp.history import Event
from webapp.history.model import now
from webapp.shielding import settle

NEW = "eleven copper umbrellas"

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


@pytest.fixture
async def theft(ada: Browser, site: Site) -> Theft:
    """Sign a thief in."""
    return await steal(site, ada)


async def told(site: Site, ada: Browser) -> list[Event]:
    events = await (await site.services()).history.of(await account_id_of(site, ada))
    return [event for event in events if event.kind == "not-me"]


@pytest.mark.usefixtures("nobody_does_what_is_owed")
@each_face
async def test_opening_the_link_shows_that_session_and_does_nothing(
    *, face: Face, ada: Browser, browser: Browser, theft: Theft, stores: Stores
) -> None:
    await settle()
    before = stores.everything()
    for each in (ada, browser):
        response = await each.look(face, theft.link)
        assert response.status_code == 200
        for shown in (ada.email, "Firefox on Linux", "192.0.2.66", "Berlin, Germany"):
            assert shown in response.text
        assert theft.link.rpartition("/")[2] not in response.text
        if face == "json":
            assert response.json()["signed_in"] is True
        else:
            assert "Signed in</span>" in response.text
            (button,) = tags(response.text.partition('id="not-me"')[2].partition("</form>")[0], "button")
            assert "It was not me" in response.text
            assert button["type"] == "submit"
    assert stores.everything() == before
    assert await is_in(theft.thief)


@each_face
async def test_button_ends_that_session_and_leads_to_a_new_password_without_being_signed_in(
    *, face: Face, ada: Browser, browser: Browser, theft: Theft
) -> None:
    await browser.get(theft.link)
    response = await browser.send(face, theft.link)
    if face == "json":
        assert response.json()["ended"] is True
        way_on = response.json()["next"]
    else:
        way_on = response.headers["Location" if face == "page" else "HX-Redirect"]
    assert way_on.startswith("/reset/")
    assert not await is_in(theft.thief)
    assert await is_in(ada)
    page = await browser.get(way_on)
    assert "Choose a new password" in page.text
    assert face == "json" or "That browser is signed out. Somebody knows the password" in page.text
    await browser.post(way_on, {"new": NEW})
    assert not await is_in(ada)
    assert (await browser.json("POST", "/login", {"email": ada.email, "password": PASSWORD})).status_code == 401
    assert (await browser.json("POST", "/login", {"email": ada.email, "password": NEW})).status_code == 200


async def test_link_of_the_mail_about_a_new_browser_puts_it_out(ada: Browser, site: Site, inbox: Path) -> None:
    """The whole way: sign-in, mail, page, button."""
    thief = site.browser("192.0.2.66", IPHONE)
    await thief.log_in(ada.email)
    # The first mail asks to confirm the email.
    link = await link_to(inbox, ada.email, 2)
    assert link.startswith("/not-me/")
    (mail, _) = await arrived(inbox, ada.email, 2)
    assert "Device: Safari on iPhone" in mail.text
    browser = site.browser()
    assert "Safari on iPhone" in (await browser.get(link)).text
    assert (await browser.post(link)).headers["Location"].startswith("/reset/")
    assert not await is_in(thief)
    # Its browser is not known any more, so the owner is asked once more.
    await thief.log_in(ada.email)
    assert (await link_to(inbox, ada.email, 3)).startswith("/not-me/")


async def test_history_says_that_it_was_not_its_owner_and_why_the_session_ended(
    ada: Browser, browser: Browser, theft: Theft, site: Site
) -> None:
    await browser.get(theft.link)
    await browser.post(theft.link)
    (event,) = await told(site, ada)
    assert event.details == {"device": "Firefox on Linux"}
    assert event.origin.address == "192.0.2.0/24"
    look = await (await site.services()).sessions.look(await account_id_of(site, ada), theft.session_id)
    assert look.ending is not None
    assert look.ending.reason == "not-me"


@each_face
@pytest.mark.parametrize("kind", ["wrong", "truncated", "used", "of another purpose", "too old"])
async def test_dead_link_does_nothing(
    *, kind: str, face: Face, ada: Browser, browser: Browser, theft: Theft, site: Site
) -> None:
    paths = {"wrong": "/not-me/A", "truncated": theft.link[:-1], "used": theft.link}
    paths["of another purpose"] = f"/not-me/{await mailed_token(site, ada.email, 'reset')}"
    paths["too old"] = (await steal(site, ada, token_until=now() - timedelta(seconds=1))).link
    path = paths[kind]
    await browser.get("/login")
    if kind == "used":
        await browser.json("POST", path)
        assert (await theft.thief.log_in(ada.email)).status_code == 303
    for response in (await browser.look(face, path), await browser.send(face, path)):
        assert response.status_code == 410
        assert "It was used already, or it is older than 7 days." in response.text
        assert face != "json" or is_problem(response, 410)
    assert await is_in(theft.thief)
    assert len(await told(site, ada)) == (kind == "used")


async def test_link_works_for_7_days(ada: Browser, site: Site, browser: Browser) -> None:
    theft = await steal(site, ada, at=now() - timedelta(days=6, hours=23), token_until=now() + timedelta(hours=1))
    assert (await browser.get(theft.link)).status_code == 200


async def test_link_of_an_account_that_is_gone_is_dead(
    ada: Browser, browser: Browser, theft: Theft, site: Site
) -> None:
    assert await (await site.services()).erasures.erase_now(await account_id_of(site, ada)) is not None
    assert (await browser.get(theft.link)).status_code == 410
