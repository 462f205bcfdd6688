"""The path that the product is for: two browsers, and one puts the other out."""

import time

import pytest
from journeys.browsers import Browsers
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    SEE_DEVICES,
    Person,
    is_out,
    newcomer,
    session_cookie,
    signed_in_elsewhere,
)
from journeys.streams.watching import turns

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY = 86_400
REMEMBERED_DAYS = 30


async def test_one_browser_puts_the_other_out_at_once(browsers: Browsers) -> None:
    ada = Person(await browsers.open())
    await ada.register()
    phone = Person(await browsers.open(user_agent=IPHONE), ada.email)
    await phone.open(DEVICES)
    await phone.stands_on(f"/login?next={DEVICES}")
    await phone.sign_in(remember=True)
    await phone.stands_on(DEVICES)
    await phone.sees_devices(2)

    await ada.follow(SEE_DEVICES)
    await ada.sees_devices(2)
    await ada.sees("Safari on iPhone")
    await ada.sees("Kept signed in")
    await ada.press("Sign out of Safari on iPhone")
    await ada.sees_devices(1)

    # Nobody has touched the phone.
    await turns(phone, DEVICES, "You were signed out here")
    assert await is_out(phone.page.context)
    await phone.sign_in()
    await phone.stands_on(DEVICES)
    await phone.sees_devices(2)


async def test_ending_swaps_the_list_alone_and_tells_it(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    # What is not swapped keeps a mark that no answer of the server can bring.
    await ada.page.evaluate("for (const id of ['header', 'notices', 'sessions']) document.getElementById(id).mark = 1")
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
    await ada.sees_devices(1)
    await ada.stands_on(DEVICES)
    marks = "['header', 'notices', 'sessions'].filter(id => document.getElementById(id).mark)"
    assert await ada.page.evaluate(marks) == ["header", "notices"]
    assert await ada.page.locator("#notices").get_attribute("aria-live") == "polite"
    await ada.has_focus_in("#sessions :is(h2, h3)")
    await ada.press("Dismiss this message")
    await ada.has_focus_in("main")


async def test_cookie_is_kept_for_as_long_as_the_box_says(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    plain = await session_cookie(ada.page.context)
    remembered = await session_cookie(await signed_in_elsewhere(browsers, ada, remember=True))
    assert plain is not None
    assert remembered is not None
    assert plain["expires"] == -1
    assert remembered["expires"] == pytest.approx(time.time() + REMEMBERED_DAYS * DAY, abs=60)
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in (plain, remembered))
    await ada.open(DASHBOARD)
    assert await ada.page.evaluate("document.cookie") == ""


async def test_own_name_is_given_and_shown_without_leaving_the_page(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await ada.open(DEVICES)
    await ada.page.locator("summary").click()
    await ada.page.get_by_label("A name of your own").fill("ﬁeld 🌻 <b>laptop</b>")
    await ada.page.keyboard.press("Enter")
    await ada.is_told("The device is now called ﬁeld 🌻 <b>laptop</b>.")
    await ada.sees("ﬁeld 🌻 <b>laptop</b>", within="#sessions h3")
    await ada.has_focus_in("#sessions li")
