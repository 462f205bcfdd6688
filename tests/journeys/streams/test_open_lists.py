"""Device lists that are open: what happens appears in them by itself, and whoever is busy in one is not disturbed."""

import pytest
from journeys.browsers import Browsers
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    WINDOWS,
    Person,
    elsewhere,
    newcomer,
    send,
    signed_in_elsewhere,
)
from journeys.streams.balancer import FIRST, SECOND
from journeys.streams.watching import is_untouched, own_session, watches
from playwright.async_api import BrowserContext, Locator, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = "Safari on iPhone"
CHANGED = "The list of devices has changed."
in_either_process = pytest.mark.parametrize("process", [FIRST, SECOND], ids=["the same process", "the other process"])


async def looks_at_her_list(browsers: Browsers) -> Person:
    """Return Ada, whom the first process serves, in front of her list."""
    ada = await newcomer(browsers, user_agent=WINDOWS, extra_http_headers=FIRST)
    await watches(ada, DEVICES)
    await ada.sees_devices(1)
    return ada


async def renames(context: BrowserContext, name: str) -> None:
    """Give the session of a browser a name, in that browser."""
    await send(context, f"{DEVICES}/{await own_session(context)}/name", page=DEVICES, name=name)


async def begins_to_type(person: Person, words: str) -> Locator:
    """Open the form for a name of the device in hand, and type some of it; the cursor stands before the last letter."""
    here = person.page.locator("li.session-current")
    await here.locator("summary").first.click()
    field = here.get_by_label("A name of your own")
    await field.fill("")
    await field.press_sequentially(words)
    await field.press("ArrowLeft")
    return field


@in_either_process
async def test_sign_in_and_name_and_end_appear_in_every_open_list(browsers: Browsers, process: dict[str, str]) -> None:
    ada = await looks_at_her_list(browsers)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE, extra_http_headers=process)
    await ada.sees_devices(2)
    await watches(phone, DEVICES)
    tablet = await signed_in_elsewhere(browsers, ada, extra_http_headers=process)
    await renames(tablet, "Kitchen tablet")
    for person in (ada, phone):
        await person.sees_devices(3)
        await person.sees("Kitchen tablet", within="#sessions h3")
        # Screen readers say it; to eyes the list itself does.
        await person.page.get_by_role("status").filter(has_text=CHANGED).wait_for(state="attached")
    await send(tablet, "/logout", page=DASHBOARD)
    for person in (ada, phone):
        await person.sees_devices(2)
        await is_untouched(person)


@in_either_process
async def test_open_form_keeps_focus_and_cursor_and_what_is_typed(browsers: Browsers, process: dict[str, str]) -> None:
    ada = await looks_at_her_list(browsers)
    field = await begins_to_type(ada, "Laptoxp")
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE, extra_http_headers=process)
    await ada.sees_devices(2)
    await renames(phone, "Old phone")
    await ada.sees("Old phone", within="#sessions h3")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("Laptoxp")
    # Goes on where she was.
    await ada.page.keyboard.press("Backspace")
    await expect(field).to_have_value("Laptop")
    await ada.page.keyboard.press("Enter")
    await ada.is_told("The device is now called Laptop.")
    await ada.sees_devices(2)
    await is_untouched(ada)


async def test_open_dialog_stays_open_and_does_what_it_says_by_then(browsers: Browsers) -> None:
    ada = await looks_at_her_list(browsers)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.sees_devices(2)
    await ada.press("Sign out of all others")
    dialog = ada.page.locator("#confirm-others")
    await dialog.get_by_text("Sign out of 1 other device?").wait_for()
    await dialog.get_by_role("button", name="Cancel").focus()
    await signed_in_elsewhere(browsers, ada, extra_http_headers=SECOND)
    await dialog.get_by_text("Sign out of 2 other devices?").wait_for()
    # Open is not enough: over the page, and with the focus still in it.
    assert await dialog.evaluate("dialog => dialog.matches(':modal')")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await ada.press("Sign out of 2 devices", within="#confirm-others")
    await ada.is_told("Signed out: 2 other devices.")
    await ada.sees_devices(1)


async def test_focus_stays_on_the_button_of_a_row_that_stays(browsers: Browsers) -> None:
    ada = await looks_at_her_list(browsers)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.sees_devices(2)
    await ada.button(f"Sign out of {PHONE}").focus()
    await signed_in_elsewhere(browsers, ada, extra_http_headers=SECOND)
    await ada.sees_devices(3)
    await expect(ada.button(f"Sign out of {PHONE}")).to_be_focused()
    await ada.page.keyboard.press("Enter")
    await ada.is_told(f"Signed out: {PHONE}.")


async def test_focus_of_a_row_that_goes_is_given_to_the_heading_of_the_list(browsers: Browsers) -> None:
    ada = await looks_at_her_list(browsers)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE, extra_http_headers=SECOND)
    await ada.sees_devices(2)
    await ada.button(f"Sign out of {PHONE}").focus()
    await send(phone, "/logout", page=DASHBOARD)
    await ada.sees_devices(1)
    await ada.has_focus_in("#sessions-heading")


async def test_typed_name_of_a_row_is_kept_while_another_row_goes(browsers: Browsers) -> None:
    ada = await looks_at_her_list(browsers)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.sees_devices(2)
    field = await begins_to_type(ada, "Desk")
    await send(phone, "/logout", page=DASHBOARD)
    await ada.sees_devices(1)
    await expect(field).to_have_value("Desk")
    await expect(field).to_be_focused()


async def test_typed_name_of_a_row_is_kept_while_that_row_gets_another_name(browsers: Browsers) -> None:
    ada = await looks_at_her_list(browsers)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.sees_devices(2)
    row = ada.page.locator("li.session:not(.session-current)")
    await row.locator("summary").click()
    await row.get_by_label("A name of your own").fill("My phone")
    # She looks something up meanwhile.
    await ada.button("Sign out everywhere", within="#sessions").focus()
    await renames(phone, "Pocket")
    await ada.page.get_by_role("status").filter(has_text=CHANGED).wait_for(state="attached")
    await expect(row.get_by_label("A name of your own")).to_have_value("My phone")
    await expect(row.get_by_label("A name of your own")).to_be_visible()


async def test_answer_to_ones_own_press_is_not_overtaken_by_what_is_pushed(browsers: Browsers) -> None:
    ada = await looks_at_her_list(browsers)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.sees_devices(2)
    # The push of her own act and its answer come at the same moment, in either order.
    await ada.press(f"Sign out of {PHONE}")
    await ada.is_told(f"Signed out: {PHONE}.")
    await ada.sees_devices(1)
    await ada.has_focus_in("#sessions :is(h2, h3)")
    # And it goes on hearing.
    await signed_in_elsewhere(browsers, ada, extra_http_headers=SECOND)
    await ada.sees_devices(2)
    await is_untouched(ada)
