"""Ending many sessions asks first; what was not confirmed is not done, and what was is done once."""

from typing import Any

import pytest
from journeys.browsers import Browsers
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    WINDOWS,
    Person,
    is_out,
    newcomer,
    press_twice,
    signed_in_elsewhere,
)
from playwright.async_api import BrowserContext, Page, Request, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

OTHERS, EVERYWHERE = "Sign out of all others", "Sign out everywhere"


async def ada_on_her_devices(browsers: Browsers, **options: Any) -> tuple[Person, BrowserContext]:
    ada = await newcomer(browsers, **options)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    return ada, phone


def posts(page: Page) -> list[str]:
    """Collect the paths of all forms that the page sends from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url.partition("/settings")[2] or request.url)

    page.on("request", note)
    return sent


async def test_no_does_nothing_and_gives_the_focus_back(browsers: Browsers) -> None:
    ada, _ = await ada_on_her_devices(browsers)
    sent = posts(ada.page)
    dialog = ada.page.get_by_role("dialog")
    for act in (OTHERS, EVERYWHERE):
        for no in ("Escape", "Enter"):
            await ada.press(act, within="main")
            await expect(dialog).to_be_visible()
            await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
            await ada.page.keyboard.press(no)
            await expect(dialog).to_be_hidden()
            await expect(ada.button(act, within="main")).to_be_focused()
    assert sent == []
    await ada.page.reload()
    await ada.sees_devices(2)


async def test_yes_signs_out_everywhere_from_any_page(browsers: Browsers) -> None:
    ada, phone = await ada_on_her_devices(browsers)
    await ada.open(DASHBOARD)
    await ada.press(EVERYWHERE, within="footer")
    await ada.press(EVERYWHERE, within="dialog[open]")
    await ada.stands_on("/login")
    await ada.is_told("You are signed out everywhere.")
    assert await is_out(phone)


async def test_pressing_twice_does_it_once(browsers: Browsers) -> None:
    ada, phone = await ada_on_her_devices(browsers)
    tablet = await signed_in_elsewhere(browsers, ada, user_agent=WINDOWS)
    await ada.page.reload()
    sent = posts(ada.page)
    await press_twice(ada.button("Sign out of Safari on iPhone"), f"{DEVICES}/**")
    await ada.is_told("Signed out: Safari on iPhone.")
    await ada.sees_devices(2)
    await ada.press(OTHERS)
    await ada.sees("Sign out of 1 other device?", within="dialog[open]")
    await press_twice(ada.button("Sign out of 1 device", within="dialog[open]"), f"{DEVICES}/**")
    await ada.is_told("Signed out: 1 other device.")
    await ada.sees_devices(1)
    await ada.has_focus_in("#sessions :is(h2, h3)")
    assert len(sent) == 2
    assert await is_out(phone)
    assert await is_out(tablet)


async def test_ending_what_another_tab_has_ended_is_told_honestly(browsers: Browsers) -> None:
    # The other tab does not hear of it, so its list is an old one.
    ada, _ = await ada_on_her_devices(browsers, hears=False)
    tab = Person(await ada.page.context.new_page(), ada.email)
    await tab.open(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await ada.sees_devices(1)
    await tab.press("Sign out of Safari on iPhone")
    await tab.is_told("That device was not signed in any more")
    await tab.sees_devices(1)
