"""What was done is heard as well as seen, also on a whole page, whose live region is full from the start."""

import pytest
from journeys.browsers import Browsers
from journeys.people import DASHBOARD, PROFILE, newcomer
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_notice_of_a_new_page_has_the_focus_and_the_way_on_begins_there(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await ada.open(PROFILE)
    await ada.fill(Name="Augusta Ada")
    await ada.press("Save name")
    await ada.is_told("You are now called Augusta Ada.")
    await expect(ada.page.locator("#notices > .notice")).to_be_focused()
    await ada.page.keyboard.press("Tab")
    await expect(ada.button("Dismiss this message")).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
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
