"""What was done is heard as well as seen, also on a whole page, whose live region is full from the start."""

import re

import pytest
from journeys.browsers import Browsers
from journeys.inbox import NEW_SIGN_IN, link
from journeys.people import DASHBOARD, DEVICES, IPHONE, PROFILE, Person, elsewhere, newcomer, send, without_origin
from playwright.async_api import expect
from smtp_server import SmtpServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLD = re.compile(r"^You were signed out here on .+, from .+\.$")
both_ways = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])


async def test_notice_of_a_new_page_has_the_focus_and_the_way_on_begins_there(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await ada.open(PROFILE)
    await ada.fill(Name="Augusta Ada")
    await ada.press("Save name")
    await ada.is_told("You are now called Augusta Ada.")
    await expect(ada.page.locator("#notices > .notice")).to_be_focused()
    await ada.page.keyboard.press("Tab")
    await expect(ada.button("Dismiss this message")).to_be_focused()


@both_ways
async def test_field_that_has_the_focus_of_a_new_page_keeps_it_and_tells_of_the_notice(
    browsers: Browsers, *, script: bool
) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    await ada.open(DASHBOARD)
    await ada.press("Sign out", within="header")
    await ada.is_told("You are signed out.")
    email = ada.page.get_by_label("Email", exact=True)
    await expect(email).to_be_focused()
    await expect(email).to_have_accessible_description("You are signed out.")


@both_ways
async def test_field_for_the_new_password_tells_of_what_it_was_not_me_has_done(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await newcomer(browsers)
    await elsewhere(browsers, ada, user_agent=IPHONE)
    reader = Person(await browsers.open(java_script_enabled=script))
    await reader.open(await link(mails, ada.email, NEW_SIGN_IN))
    await reader.press("It was not me")
    await reader.is_told("That browser is signed out.")
    assert without_origin(reader.page.url).startswith("/reset/")
    field = reader.page.get_by_label("New password", exact=True)
    await expect(field).to_be_focused()
    said = "That browser is signed out. Somebody knows the password, so choose a new one now."
    await expect(field).to_have_accessible_description(said)


@both_ways
async def test_page_for_everybody_tells_why_the_session_ended_to_whoever_only_listens(
    browsers: Browsers, *, script: bool
) -> None:
    ada = await newcomer(browsers)
    for path in ("/forgot", "/register"):
        phone = await elsewhere(browsers, ada, user_agent=IPHONE, java_script_enabled=script)
        await send(ada.page.context, f"{DEVICES}/end-others", page=DEVICES)
        # What is to be told is waiting for the next page, whichever that is.
        await phone.page.context.request.get(DASHBOARD, max_redirects=0)
        await phone.open(path)
        await phone.is_told("You were signed out here")
        if path == "/forgot":
            field = phone.page.get_by_label("Email", exact=True)
            await expect(field).to_be_focused()
            await expect(field).to_have_accessible_description(TOLD)
        elif script:
            # No field has the focus there. Without JavaScript the page is read from its top, where the notice is.
            await expect(phone.page.locator("#notices > .notice")).to_be_focused()
