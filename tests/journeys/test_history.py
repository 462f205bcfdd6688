"""Back buttons, many tabs, and forms that were open while something changed."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from gatehouse import Gatehouse
from journeys.browsers import Browsers, chromium
from journeys.people import DASHBOARD, DEVICES, IPHONE, SEE_DEVICES, Person, newcomer, signed_in_elsewhere
from journeys.streams.watching import is_untouched, turns, watches
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABS = 10
LEAVING = "window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))"


@pytest_asyncio.fixture(loop_scope="session")
async def keeping(gatehouse: Gatehouse) -> AsyncIterator[Browsers]:
    """Open browsers that keep whole pages for the back button, as people's browsers do."""
    async with chromium(keep_pages=True) as launched:
        opened = Browsers(launched, gatehouse.url)
        yield opened
        await opened.close()
        assert opened.complaints == []


async def another_tab(person: Person) -> Person:
    return Person(await person.page.context.new_page(), person.email)


async def test_page_that_the_back_button_finds_is_asked_for_anew(keeping: Browsers) -> None:
    # Chromium keeps no page whole that has had a stream; a browser that had none, and others, may.
    ada = await newcomer(keeping, hears=False)
    await ada.open(DASHBOARD)
    await goes_and_comes_back(ada)
    # It did come out of the back-forward cache.
    assert await ada.page.evaluate("sessionStorage.shown") == "true"
    await signs_out_and_finds_nothing_on_the_way_back(ada)


async def test_page_with_a_stream_is_asked_for_anew_by_the_back_button_as_well(keeping: Browsers) -> None:
    ada = await newcomer(keeping)
    await watches(ada, DASHBOARD)
    await goes_and_comes_back(ada)
    await signs_out_and_finds_nothing_on_the_way_back(ada)


async def goes_and_comes_back(ada: Person) -> None:
    """Go from the dashboard to another page and back, where everything is asked for anew."""
    await ada.page.evaluate("window.kept = true; addEventListener('pageshow', e => sessionStorage.shown = e.persisted)")
    await sees_her_devices(ada)
    await ada.page.go_back()
    await ada.page.wait_for_function("() => !window.kept && document.readyState === 'complete'")
    await ada.sees("Your account")


async def signs_out_and_finds_nothing_on_the_way_back(ada: Person) -> None:
    await sees_her_devices(ada)
    await ada.press("Sign out", within="header")
    await ada.stands_on("/login")
    for _ in range(2):
        await ada.page.go_back()
        await expect(ada.page).to_have_url(re.compile(r"/login\?next="))
        assert ada.email not in await ada.page.content()


async def sees_her_devices(ada: Person) -> None:
    """Go there from the dashboard; only a page that has come has one to go back to."""
    await ada.follow(SEE_DEVICES)
    await ada.stands_on(DEVICES)


async def test_page_is_blank_while_it_lies_in_that_cache(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await ada.open(DASHBOARD)
    await ada.page.evaluate(LEAVING)
    await expect(ada.page.get_by_text(ada.email).first).to_be_hidden()


async def test_signing_out_in_one_tab_holds_for_ten_that_do_not_hear_of_it(browsers: Browsers) -> None:
    ada = await newcomer(browsers, hears=False)
    tabs = [await another_tab(ada) for _ in range(TABS)]
    for tab in tabs:
        await tab.open(DASHBOARD)
    await tabs[0].press("Sign out", within="header")
    await tabs[0].stands_on("/login")
    for tab in tabs[1:]:
        await tab.follow(SEE_DEVICES)
        await tab.stands_on(f"/login?next={DEVICES}")


async def test_button_of_a_tab_that_is_signed_out_leads_to_the_login_page_and_back(browsers: Browsers) -> None:
    ada = await newcomer(browsers, hears=False)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    tab = await another_tab(ada)
    await tab.open(DASHBOARD)
    await tab.press("Sign out", within="header")
    await tab.stands_on("/login")
    await ada.press("Sign out of Safari on iPhone")
    await ada.stands_on(f"/login?next={DEVICES}")
    await ada.sign_in()
    await ada.stands_on(DEVICES)
    await ada.sees_devices(2)


async def test_tab_that_hears_that_it_is_signed_out_has_the_way_back_in_and_its_button_works(
    browsers: Browsers,
) -> None:
    ada = await newcomer(browsers)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await watches(ada, DEVICES)
    tab = await another_tab(ada)
    await tab.open(DASHBOARD)
    await tab.press("Sign out", within="header")
    await tab.stands_on("/login")
    await turns(ada, DEVICES, "You are signed out")
    assert ada.email not in await ada.page.content()
    await ada.sign_in()
    await ada.stands_on(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")


async def test_button_of_a_tab_whose_session_was_replaced_says_so(browsers: Browsers) -> None:
    ada = await newcomer(browsers, hears=False)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    await ada.page.context.clear_cookies()
    tab = await another_tab(ada)
    await tab.open("/login")
    await tab.sign_in()
    await tab.stands_on(DASHBOARD)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("You signed in or out since it was opened, so nothing was done.")
    await ada.page.reload()
    await ada.sees_devices(3)


async def test_button_of_a_tab_that_hears_that_its_session_was_replaced_works_at_once(browsers: Browsers) -> None:
    owner = await newcomer(browsers)
    ada = Person(await browsers.open(user_agent=IPHONE), owner.email)
    tab = await another_tab(ada)
    for each in (tab, ada):
        await each.open("/login")
    await ada.sign_in()
    await ada.stands_on(DASHBOARD)
    await watches(ada, DEVICES)
    before = await ada.page.locator("#session-stream").get_attribute("data-session")
    await tab.sign_in()
    await tab.stands_on(DASHBOARD)
    await expect(ada.page.locator("#session-stream")).not_to_have_attribute("data-session", before or "")
    # One of the list, and one that no list brings.
    await ada.press("Sign out of all others")
    await ada.press("Sign out of 1 device", within="dialog[open]")
    await ada.is_told("Signed out: 1 other device.")
    await is_untouched(ada)
    await ada.press("Sign out", within="header")
    await ada.stands_on("/login")
    await ada.is_told("You are signed out.")


async def test_login_form_sent_twice_signs_in_once(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    phone = Person(await browsers.open(user_agent=IPHONE), ada.email)
    await phone.open("/login")
    await phone.fill(Email=ada.email, Password="seven purple lanterns")
    await phone.button("Sign in", within="main").dblclick()
    await phone.stands_on(DASHBOARD)
    await phone.open(DEVICES)
    await phone.sees_devices(2)


async def test_login_form_that_was_open_while_another_tab_signed_in_still_works(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    phone = Person(await browsers.open(user_agent=IPHONE), ada.email)
    await phone.open(f"/login?next={DEVICES}")
    tab = await another_tab(phone)
    await tab.open("/login")
    await tab.sign_in()
    await tab.stands_on(DASHBOARD)
    await phone.sign_in()
    await phone.stands_on(DEVICES)
    # The session of the other tab has ended, as this browser has a new one.
    await phone.sees_devices(2)
    await tab.follow(SEE_DEVICES)
    await tab.stands_on(DEVICES)
