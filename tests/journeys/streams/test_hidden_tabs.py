"""Tabs that nobody looks at: they hold no stream, so that any number of them loads, and turn when they are shown."""

import pytest
from journeys.people import DASHBOARD, DEVICES, LOGIN, PROFILE, WINDOWS, elsewhere
from journeys.streams.tabs import HIDDEN, SHOWN, Tab, Window
from journeys.streams.watching import of_stream, turns, watches
from own_redis import SLOW
from playwright.async_api import expect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

# More than the six lines that a browser has to one site by HTTP/1.1.
MANY = 8


async def ada_in(window: Window) -> Tab:
    """Return Ada, with an account of a moment ago, in the window's one tab."""
    ada = await window.tab()
    await ada.register()
    return ada


async def another(window: Window, ada: Tab, path: str) -> Tab:
    """Open a further tab of hers on ``path``; it is in front, and its stream is open."""
    tab = await window.tab(email=ada.email)
    await watches(tab, path)
    return tab


async def ends_the_window(window: Window, ada: Tab) -> None:
    """Sign Ada in on a laptop, and the window's browser out from there."""
    laptop = await elsewhere(window, ada, user_agent=WINDOWS)
    await laptop.open(DEVICES)
    await laptop.sees_devices(2)
    await laptop.press("Sign out of all others")
    await laptop.press("Sign out of 1 device", within="dialog[open]")
    await laptop.sees_devices(1)


async def test_hidden_tab_gives_its_stream_up_and_turns_when_it_is_shown(window: Window) -> None:
    ada = await ada_in(window)
    await watches(ada, DASHBOARD)
    async with ada.page.expect_event("requestfailed", of_stream):
        front = await another(window, ada, PROFILE)
    await ends_the_window(window, ada)
    await turns(front, PROFILE, "from Firefox on Windows")
    # This one has heard nothing, and nobody sees what is still on it.
    await ada.is_now(HIDDEN)
    await ada.stands_on(DASHBOARD)
    await ada.show()
    await turns(ada, DASHBOARD, "from Firefox on Windows")


async def test_hidden_tab_of_a_session_that_lives_on_opens_its_stream_again_when_it_is_shown(window: Window) -> None:
    ada = await ada_in(window)
    await watches(ada, DASHBOARD)
    async with ada.page.expect_event("requestfailed", of_stream):
        front = await another(window, ada, PROFILE)
    async with ada.page.expect_response(of_stream):
        await ada.show()
    await front.is_now(HIDDEN)
    await ends_the_window(window, ada)
    await turns(ada, DASHBOARD, "from Firefox on Windows")


async def test_many_tabs_load_all_and_each_turns_when_it_is_shown(window: Window) -> None:
    ada = await ada_in(window)
    tabs = [await another(window, ada, DASHBOARD) for _ in range(MANY)]
    await ends_the_window(window, ada)
    for tab in reversed(tabs):
        await tab.show()
        await turns(tab, DASHBOARD, "from Firefox on Windows")


async def test_sign_out_in_one_tab_turns_the_others_when_they_are_shown(window: Window) -> None:
    ada = await ada_in(window)
    await watches(ada, DEVICES)
    front = await another(window, ada, PROFILE)
    await front.press("Sign out", within="header")
    await front.stands_on(LOGIN)
    await front.is_told("You are signed out.")
    await ada.show()
    await turns(ada, DEVICES, "You are signed out")


async def test_tab_of_somebody_who_has_gone_becomes_the_page_of_who_is_there_when_it_is_shown(window: Window) -> None:
    ada = await ada_in(window)
    await watches(ada, PROFILE)
    bob = await window.tab(DASHBOARD)
    await bob.press("Sign out", within="header")
    await bob.stands_on(LOGIN)
    await bob.register("Bob")
    await ada.stands_on(PROFILE)
    async with ada.page.expect_navigation():
        await ada.show()
    await ada.stands_on(PROFILE)
    await ada.sees("Bob", within="header")
    await expect(ada.page.get_by_text(ada.email)).to_have_count(0)


async def test_way_back_from_a_page_that_has_turned_shows_nothing_of_the_account(window: Window) -> None:
    ada = await ada_in(window)
    await ada.open(DASHBOARD)
    await watches(ada, DEVICES)
    await ends_the_window(window, ada)
    await turns(ada, DEVICES, "from Firefox on Windows")
    await ada.page.evaluate("history.back()")
    # It took the place of the device list, so behind it is the dashboard, which is asked for anew.
    await ada.stands_on(f"{LOGIN}?next={DASHBOARD}")
    await ada.is_now(SHOWN)
