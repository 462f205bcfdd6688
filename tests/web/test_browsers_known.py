"""On which browsers an account is known: what that is worth ends with the password, and with "it was not me"."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from knowing import guess, is_known_at_last, knows
from mail_folder import link_to
from mailed_links import mailed_token
from pages import BROWSER_COOKIE, IPHONE, PASSWORD, SESSION_COOKIE, Browser, Site, cookies_set
from thefts import is_in

NEW = "eleven copper umbrellas"


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


async def reset(site: Site, browser: Browser, email: str) -> None:
    link = f"/reset/{await mailed_token(site, email)}"
    await browser.get(link)
    assert (await browser.post(link, {"new": NEW})).status_code == 303


async def test_browser_that_a_family_shares_is_known_to_each_of_them(ada: Browser, site: Site) -> None:
    await is_known_at_last(site, ada, ada)
    await ada.post("/logout")
    eve = replace(ada, email="eve@example.test")
    await eve.register()
    await is_known_at_last(site, eve, eve)
    await is_known_at_last(site, ada, eve)


async def test_new_password_by_mail_makes_the_browser_of_its_owner_known_and_that_of_a_thief_unknown(
    ada: Browser, site: Site, inbox: Path
) -> None:
    thief, owner = site.browser("192.0.2.66", IPHONE), site.browser("203.0.113.99")
    await thief.log_in(ada.email)
    await link_to(inbox, ada.email, 2)
    assert await knows(site, ada, thief)
    await reset(site, owner, ada.email)
    assert not await is_in(thief)
    assert not await knows(site, ada, thief)
    await guess(site, ada.email)
    # The thief is refused as everybody is who guesses, even with the right password; the owner is let in.
    assert (await thief.log_in(ada.email, "wrong")).status_code == 429
    assert (await thief.log_in(ada.email, NEW)).status_code == 429
    assert (await owner.log_in(ada.email, NEW)).status_code == 303


async def test_changed_password_leaves_this_browser_known_and_no_other(ada: Browser, site: Site) -> None:
    other = site.browser("192.0.2.66", IPHONE)
    await other.log_in(ada.email)
    copied = site.browser()
    copied.client.cookies.set(BROWSER_COOKIE, ada.client.cookies[BROWSER_COOKIE], domain=copied.client.base_url.host)
    await ada.get("/settings/password")
    changed = await ada.post("/settings/password", {"current": PASSWORD, "new": NEW})
    assert BROWSER_COOKIE in cookies_set(changed)
    assert [await knows(site, ada, each) for each in (ada, other, copied)] == [True, False, False]


async def test_password_that_is_changed_on_a_shared_computer_makes_it_no_known_browser(
    ada: Browser, site: Site
) -> None:
    lobby = site.browser("198.51.100.9")
    await lobby.log_in(ada.email, shared="y")
    await lobby.get("/settings/password")
    changed = await lobby.post("/settings/password", {"current": PASSWORD, "new": NEW})
    assert changed.status_code == 303
    assert BROWSER_COOKIE not in cookies_set(changed)
    assert not await knows(site, ada, ada)


async def test_password_that_was_refused_changes_no_browser(ada: Browser, site: Site) -> None:
    await is_known_at_last(site, ada, ada)
    await ada.get("/settings/password")
    refused = await ada.post("/settings/password", {"current": "wrong", "new": NEW})
    assert BROWSER_COOKIE not in cookies_set(refused)
    assert await knows(site, ada, ada)


async def test_it_was_not_me_ends_a_later_session_of_the_same_browser(ada: Browser, site: Site, inbox: Path) -> None:
    """A thief who signs in once more is asked about once, for the browser is known by then."""
    thief, visitor = site.browser("192.0.2.66", IPHONE), site.browser("203.0.113.99")
    await thief.log_in(ada.email)
    link = await link_to(inbox, ada.email, 2)
    assert await knows(site, ada, thief)
    await thief.get("/settings/sessions")
    await thief.post("/logout")
    await thief.log_in(ada.email)
    assert await is_in(thief)
    page = (await visitor.get(link)).text
    assert "Signed in</span>" in page
    assert re.search(r"That\s+browser\s+is signed out", page)
    assert (await visitor.post(link)).headers["Location"].startswith("/reset/")
    assert not await is_in(thief)
    assert await is_in(ada)


async def test_later_session_of_that_browser_is_not_told_that_it_is_the_one_but_that_it_ends_as_well(
    ada: Browser, site: Site, inbox: Path
) -> None:
    phone = site.browser("192.0.2.66", IPHONE)
    await phone.log_in(ada.email)
    link = await link_to(inbox, ada.email, 2)
    assert "This is the browser that you are using now." in (page := (await phone.get(link)).text)
    assert "is signed out, which is this one." in page
    await is_known_at_last(site, ada, phone)
    await phone.get("/settings/sessions")
    await phone.post("/logout")
    await phone.log_in(ada.email)
    assert "This is the browser that you are using now." not in (page := (await phone.get(link)).text)
    assert "is signed out, and so are you, here." in page
    assert (await phone.json("GET", link)).json()["current"] is False
    assert "is signed out." in (await ada.get(link)).text
    await phone.post(link)
    assert SESSION_COOKIE not in phone.client.cookies
    assert not await is_in(phone)
