"""Rows one recognises: earlier sign-ins of one browser, shared computers, what nobody uses, and the limit."""

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
    signed_in_elsewhere,
)
from journeys.waiting import history_tells, let_a_month_pass, let_the_window_pass
from own_redis import SLOW, StandaloneRedis
from pages import PASSWORD
from playwright.async_api import Browser, BrowserContext, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMIT = 3
WHOLE = "Sign out of both sign-ins of Safari on iPhone"
EARLIER, UNUSED = "1 earlier sign-in of this browser", "Sign out of all unused for 30 days"
# Of the fourth only the browser itself knows what it is called.
DISPLACED = re.compile(
    r": a sign-in from .+ was one more than an account may have, and this one was unused for longest\."
)
both_ways = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])


@pytest_asyncio.fixture(loop_scope="session")
async def narrow_door(servers: ExitStack, redis: StandaloneRedis, browser: Browser) -> AsyncIterator[Browsers]:
    """Open browsers on a site that takes few of them, and lets the remembered ones pause for two months."""
    folder = Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-")))
    gatehouse = Gatehouse(folder, redis.url, SESSION_LIMIT=str(LIMIT), REMEMBER_IDLE="60d")
    opened = Browsers(browser, gatehouse.url)
    yield opened
    await opened.close()
    gatehouse.stop()
    assert opened.complaints == []


async def is_closed(context: BrowserContext) -> None:
    """Close a browser, as far as cookies go: the session's is gone, and the browser's own stays."""
    await context.clear_cookies(name="session")


@both_ways
async def test_earlier_sign_in_of_one_browser_is_found_under_the_last_and_ended_there(
    browsers: Browsers, *, script: bool
) -> None:
    # In its page, as the browser names its system to pages alone.
    ada = Person(await browsers.open(java_script_enabled=script))
    await ada.register()
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    left_behind = await session_cookie(ada.page.context)
    # Since then it is a known one.
    await history_tells(ada, "Account created")
    await is_closed(ada.page.context)
    await ada.open(f"{LOGIN}?next={DEVICES}")
    await ada.sign_in()
    await ada.stands_on(DEVICES)
    # Three sign-ins on two devices.
    await ada.sees_devices(2)
    here = ada.page.locator("li.session-current")
    await expect(here.locator("li.earlier")).to_be_hidden()
    await here.get_by_text(EARLIER).click()
    await here.get_by_role("button", name=re.compile("^Sign out of the earlier ")).click()
    await ada.is_told("Signed out: ")
    await expect(ada.page.get_by_text(EARLIER)).to_have_count(0)
    await ada.sees_devices(2)
    context = await browsers.start()
    await carry(context, browsers.url, left_behind)
    assert await is_out(context)


@both_ways
async def test_all_sign_ins_of_a_lost_phone_are_ended_by_one_button_after_the_password(
    browsers: Browsers, redis: StandaloneRedis, *, script: bool
) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS, java_script_enabled=script)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE)
    await history_tells(ada, "Safari on iPhone")
    left_behind = await session_cookie(phone.page.context)
    await is_closed(phone.page.context)
    await phone.open(LOGIN)
    await phone.sign_in()
    await phone.stands_on(DASHBOARD)
    let_the_window_pass(redis)
    await ada.open(DEVICES)
    await ada.sees_devices(2)
    await ada.press(WHOLE)
    await ada.fill(Password=PASSWORD)
    await ada.press("Confirm")
    # Nothing is done by that.
    await expect(ada.button(WHOLE)).to_be_visible()
    assert not await is_out(phone.page.context)
    await ada.press(WHOLE)
    await ada.is_told("Signed out: Safari on iPhone (2 sign-ins).")
    await ada.sees_devices(1)
    assert await is_out(phone.page.context)
    context = await browsers.start()
    await carry(context, browsers.url, left_behind)
    assert await is_out(context)


async def test_shared_computer_is_marked_and_keeps_nothing_of_it(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    library = Person(await browsers.open(user_agent=WINDOWS), ada.email)
    await library.open(LOGIN)
    await library.page.get_by_label("This is a shared computer").check()
    await library.sign_in(remember=True)
    await library.stands_on(DASHBOARD)
    cookie = await session_cookie(library.page.context)
    assert cookie is not None
    assert cookie["expires"] == -1
    assert "browser" not in {each.get("name") for each in await library.page.context.cookies()}
    await ada.open(DEVICES)
    row = ada.page.locator("li.session", has_text="Firefox on Windows")
    await expect(row.get_by_text("Shared computer")).to_be_visible()
    await expect(row.get_by_text("Kept signed in")).to_have_count(0)
    await expect(row).to_contain_text(re.compile(r"Ends\s*in (1 hour|59 minutes)\s*even if it is used"))


@pytest.mark.timeout(SLOW)
async def test_sign_in_beyond_the_limit_names_the_one_that_had_to_go_and_leads_to_the_list(
    narrow_door: Browsers, redis: StandaloneRedis
) -> None:
    ada = await newcomer(narrow_door, user_agent=WINDOWS)
    phone = await elsewhere(narrow_door, ada, user_agent=IPHONE, remember=True)
    let_a_month_pass(redis, await session_cookie(phone.page.context))
    await signed_in_elsewhere(narrow_door, ada)
    fourth = Person(await narrow_door.open(), ada.email)
    await fourth.open(LOGIN)
    await fourth.sign_in()
    await fourth.stands_on(DASHBOARD)
    await fourth.is_told(f"An account may have {LIMIT} sign-ins at a time, so the one unused for longest ended: ")
    await fourth.is_told("ended: Safari on iPhone, last seen 31 days ago.")
    await fourth.follow("Tidy up your devices")
    await fourth.stands_on(DEVICES)
    await fourth.sees_devices(LIMIT)
    await phone.open(DASHBOARD)
    await expect(phone.page.locator("#notices")).to_contain_text(DISPLACED)


@pytest.mark.timeout(SLOW)
@both_ways
async def test_all_that_were_unused_for_a_month_are_put_out_at_once(
    narrow_door: Browsers, redis: StandaloneRedis, *, script: bool
) -> None:
    ada = await newcomer(narrow_door, user_agent=WINDOWS, java_script_enabled=script)
    phone = await signed_in_elsewhere(narrow_door, ada, user_agent=IPHONE, remember=True)
    used = await signed_in_elsewhere(narrow_door, ada, remember=True)
    await ada.open(DEVICES)
    await ada.sees_devices(3)
    await expect(ada.button(UNUSED)).to_have_count(0)
    let_a_month_pass(redis, await session_cookie(phone))
    await ada.open(DEVICES)
    await ada.press(UNUSED)
    if script:
        await ada.sees("Sign out of 1 device unused for 30 days?", within="dialog[open]")
        await ada.press("Sign out of 1 device", within="dialog[open]")
    await ada.is_told("Signed out: 1 device, unused for 30 days.")
    await ada.sees_devices(2)
    assert await is_out(phone)
    assert not await is_out(used)
