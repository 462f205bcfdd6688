"""From one page of the settings to the next."""

import pytest
from journeys.browsers import Browsers
from journeys.people import DASHBOARD, DEVICES, newcomer
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = {
    "Password": "/settings/password",
    "Devices": DEVICES,
    "Your data": "/settings/data",
    "Profile": "/settings/profile",
}


@pytest.mark.parametrize("script", [True, False])
async def test_every_page_of_the_settings_leads_to_every_other(browsers: Browsers, *, script: bool) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    await ada.open(DASHBOARD)
    await ada.follow("Settings")
    await ada.stands_on("/settings/profile")
    around = ada.page.get_by_role("navigation", name="Settings")
    for words, path in PAGES.items():
        await around.get_by_role("link", name=words, exact=True).click()
        await ada.stands_on(path)
        await expect(around.locator("[aria-current=page]")).to_have_text(words)
        await expect(ada.page.locator("header [aria-current=true]")).to_have_text("Settings")
