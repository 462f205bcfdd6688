"""A browser that did not hear its session end is told at its next page: why, when and from which device; and once."""

import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from gatehouse import Gatehouse
from journeys.browsers import Browsers
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    LOGIN,
    WINDOWS,
    Person,
    carry,
    elsewhere,
    is_out,
    newcomer,
    session_cookie,
)
from journeys.waiting import history_tells
from own_redis import SLOW, StandaloneRedis
from playwright.async_api import Browser, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLD = "You were signed out here"
MOMENT = r"on \d{1,2} \w+ 20\d\d, \d\d:\d\d UTC"
# Seconds; nobody has to be quicker than that for anything.
IDLE = 12


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(servers: ExitStack, redis: StandaloneRedis, browser: Browser) -> AsyncIterator[Browsers]:
    """Open browsers on a site where nobody may pause for long."""
    folder = Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-")))
    gatehouse = Gatehouse(folder, redis.url, SESSION_IDLE=str(IDLE), SESSION_TOUCH="1")
    opened = Browsers(browser, gatehouse.url)
    yield opened
    await opened.close()
    gatehouse.stop()
    assert opened.complaints == []


async def is_told_once(person: Person, why: str) -> None:
    """Hear it on the page that is open, and not again on the next ones."""
    await person.is_told(TOLD)
    await expect(person.page.locator("#notices")).to_contain_text(re.compile(why))
    for path in (LOGIN, "/"):
        await person.open(path)
        await hears_nothing(person)


async def hears_nothing(person: Person) -> None:
    await expect(person.page.locator("#main")).to_be_visible()
    await expect(person.page.get_by_text(TOLD)).to_have_count(0)


def bent(cookie: str) -> str:
    """Change the signature of a cookie; not in its last letter, of which some bits are for nothing."""
    content, _, signature = cookie.rpartition(".")
    return f"{content}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
async def test_browser_that_another_device_put_out_is_told_when_and_from_which_device(
    browsers: Browsers, *, script: bool
) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE, java_script_enabled=script, hears=False)
    tablet = await elsewhere(browsers, ada)
    await phone.open(DASHBOARD)
    await ada.open(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
    await phone.follow("Dashboard")
    await phone.stands_on(f"{LOGIN}?next={DASHBOARD}")
    await is_told_once(phone, rf"{TOLD} {MOMENT}, from Firefox on Windows\.")
    await phone.open(f"{LOGIN}?next={DASHBOARD}")
    await phone.sign_in()
    await phone.stands_on(DASHBOARD)
    await hears_nothing(phone)
    # Whoever was not ended hears nothing of it.
    for other in (ada, tablet):
        await other.open(DASHBOARD)
        await hears_nothing(other)


async def test_button_pressed_after_the_end_leads_to_the_words_as_well(browsers: Browsers) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE, hears=False)
    await phone.open(DEVICES)
    await ada.open(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
    await phone.press("Sign out of Firefox on Windows")
    await phone.stands_on(f"{LOGIN}?next={DEVICES}")
    await is_told_once(phone, rf"{TOLD} {MOMENT}, from Firefox on Windows\.")
    await ada.open(DASHBOARD)
    await ada.stands_on(DASHBOARD)


async def test_browser_with_a_bent_cookie_is_told_nothing(browsers: Browsers) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE)
    cookie = await session_cookie(phone.page.context)
    assert cookie is not None
    stranger = Person(await browsers.open())
    await carry(stranger.page.context, browsers.url, {"value": bent(cookie["value"])})
    await ada.open(DEVICES)
    await ada.press("Sign out of all others")
    await ada.press("Sign out of 1 device", within="dialog[open]")
    await ada.is_told("Signed out: 1 other device.")
    await stranger.open(DASHBOARD)
    await stranger.stands_on(f"{LOGIN}?next={DASHBOARD}")
    await hears_nothing(stranger)
    await phone.open(DASHBOARD)
    await is_told_once(phone, r", from Firefox on Windows\.")


async def test_own_sign_out_is_told_as_such_and_never_again(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    cookie = await session_cookie(ada.page.context)
    await ada.open(DASHBOARD)
    await ada.press("Sign out", within="header")
    await ada.is_told("You are signed out.")
    # As an answer that came late would leave it.
    await carry(ada.page.context, browsers.url, cookie)
    await ada.open(DASHBOARD)
    await ada.stands_on(f"{LOGIN}?next={DASHBOARD}")
    await hears_nothing(ada)


@pytest.mark.timeout(SLOW)
async def test_browser_that_was_not_used_for_too_long_is_told_for_how_long(impatient: Browsers) -> None:
    ada = await newcomer(impatient, user_agent=WINDOWS)
    phone = await elsewhere(impatient, ada, remember=True)
    await history_tells(phone, f"Ended after {IDLE} seconds without use")
    await ada.open(DASHBOARD)
    await ada.stands_on(f"{LOGIN}?next={DASHBOARD}")
    await is_told_once(ada, rf"{TOLD} {MOMENT}: this sign-in was not used for {IDLE} seconds\.")
    assert not await is_out(phone.page.context)
