"""When the password was confirmed too long ago it is asked for again, and the act waits for its own button."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from journeys.browsers import Browsers
from journeys.measuring import faint_texts, overflow, small_targets
from journeys.people import DASHBOARD, DEVICES, IPHONE, Person, is_out, newcomer, signed_in_elsewhere
from journeys.waiting import let_the_window_pass
from own_redis import StandaloneRedis
from pages import PASSWORD
from playwright.async_api import BrowserContext, Locator, Route, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

END, EVERYWHERE = "Sign out of Safari on iPhone", "Sign out everywhere"


async def ada_and_her_phone(
    browsers: Browsers, redis: StandaloneRedis, **options: Any
) -> tuple[Person, BrowserContext]:
    """Return Ada on her device page, long after she has last confirmed anything, and her phone."""
    ada = await newcomer(browsers, **options)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    let_the_window_pass(redis)
    await ada.open(DEVICES)
    return ada, phone


def password_of(ada: Person) -> Locator:
    return ada.page.get_by_label("Password", exact=True)


async def test_act_after_confirming_is_done_by_its_own_button(browsers: Browsers, redis: StandaloneRedis) -> None:
    ada, phone = await ada_and_her_phone(browsers, redis, java_script_enabled=False)
    await ada.press(END)
    await ada.stands_on(f"/confirm?next={DEVICES}")
    await expect(password_of(ada)).to_be_focused()
    await ada.fill(Password="not this one")
    await ada.press("Confirm")
    await ada.sees("The password is not right.")
    await expect(password_of(ada)).to_be_focused()
    await ada.fill(Password=PASSWORD)
    await ada.press("Confirm")
    await ada.stands_on(DEVICES)
    await ada.sees_devices(2)
    await ada.press(END)
    await ada.is_told("Signed out: Safari on iPhone.")
    assert await is_out(phone)


async def test_password_is_asked_over_the_page_and_the_act_waits_for_its_own_button(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada, phone = await ada_and_her_phone(browsers, redis)
    await ada.page.locator("summary").first.click()
    await ada.page.get_by_label("A name of your own").first.fill("Kitchen")
    await ada.press(END)
    await expect(ada.page.get_by_role("dialog", name="Confirm it is you")).to_be_visible()
    await expect(password_of(ada)).to_be_focused()
    await ada.fill(Password="not this one")
    await ada.page.keyboard.press("Enter")
    await ada.sees("The password is not right.", within="dialog[open]")
    await expect(password_of(ada)).to_be_focused()
    await ada.fill(Password=PASSWORD)
    await ada.press("Confirm")
    await ada.is_told("Confirmed. Press the button again.")
    await expect(ada.page.get_by_role("dialog")).to_be_hidden()
    await expect(ada.button(END)).to_be_focused()
    await ada.stands_on(DEVICES)
    await expect(ada.page.get_by_label("A name of your own").first).to_have_value("Kitchen")
    assert not await is_out(phone)
    await ada.page.keyboard.press("Enter")
    await ada.is_told("Signed out: Safari on iPhone.")
    assert await is_out(phone)


@pytest.mark.parametrize("way", ["Escape", "Cancel"])
async def test_closing_does_nothing_keeps_no_password_and_gives_the_focus_back(
    way: str, browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada, phone = await ada_and_her_phone(browsers, redis)
    dialog = ada.page.get_by_role("dialog")
    for _ in range(2):
        await ada.press(END)
        await expect(password_of(ada)).to_be_focused()
        await ada.fill(Password=PASSWORD)
        if way == "Escape":
            await ada.page.keyboard.press("Escape")
        else:
            await ada.press("Cancel", within="dialog[open]")
        await expect(dialog).to_be_hidden()
        await expect(ada.button(END)).to_be_focused()
        await expect(ada.page.locator("#confirming-password")).to_have_value("")
    assert not await is_out(phone)


async def test_signing_out_everywhere_asks_its_question_then_the_password_and_then_again(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada, phone = await ada_and_her_phone(browsers, redis)
    await ada.open(DASHBOARD)
    await ada.press(EVERYWHERE, within="footer")
    await ada.press(EVERYWHERE, within="dialog[open]")
    await expect(password_of(ada)).to_be_focused()
    await ada.fill(Password=PASSWORD)
    await ada.press("Confirm")
    await ada.is_told("Confirmed. Press the button again.")
    await expect(ada.button(EVERYWHERE, within="footer")).to_be_focused()
    await ada.press(EVERYWHERE, within="footer")
    await ada.press(EVERYWHERE, within="dialog[open]")
    await ada.stands_on("/login")
    assert await is_out(phone)


async def test_session_that_ended_meanwhile_leads_to_the_sign_in_page(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada, _ = await ada_and_her_phone(browsers, redis)
    await ada.press(END)
    await ada.fill(Password=PASSWORD)
    for key in redis.cli("KEYS", "in:*"):
        redis.cli("DEL", key)
    await ada.press("Confirm")
    await ada.stands_on(f"/login?next={DEVICES}")


async def break_off(route: Route) -> None:
    await route.abort()


async def answer_for_the_platform(route: Route) -> None:
    await route.fulfill(status=503, body="A page of the platform.")


@pytest.mark.parametrize("fail", [break_off, answer_for_the_platform])
async def test_what_is_told_of_a_failure_is_not_told_below_the_dialog(
    fail: Callable[[Route], Awaitable[None]], browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada, _ = await ada_and_her_phone(browsers, redis)
    await ada.press(END)
    await ada.fill(Password=PASSWORD)
    await ada.page.route("**/confirm", fail)
    await ada.press("Confirm")
    await ada.is_told("The server did not answer.")
    await expect(ada.page.get_by_role("dialog")).to_be_hidden()
    await expect(ada.button(END)).to_be_focused()
    # Chromium and htmx both tell of the request that was broken off; of a closed page nothing more is heard.
    await browsers.close()
    browsers.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_dialog_fits_narrow_screens_and_its_text_stands_out(
    scheme: Literal["light", "dark"], browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada, _ = await ada_and_her_phone(browsers, redis, color_scheme=scheme, reduced_motion="reduce")
    await ada.press(END)
    await ada.fill(Password="not this one")
    await ada.press("Confirm")
    await ada.sees("The password is not right.", within="dialog[open]")
    for width in (640, 360, 320):
        await ada.page.set_viewport_size({"width": width, "height": 640})
        assert await overflow(ada.page) <= 0
        assert await small_targets(ada.page) == []
    assert await faint_texts(ada.page) == []
