"""Without JavaScript, or without a stream: nothing is lost but the speed."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from http import HTTPStatus

import pytest
import pytest_asyncio
from journeys.browsers import Browsers, browsing
from journeys.people import DASHBOARD, DEVICES, IPHONE, WINDOWS, elsewhere, newcomer
from journeys.streams.balancer import FIRST
from journeys.streams.site import Site
from journeys.streams.watching import ENDED, EVENTS, finds_out_by_a_click, of_stream, turns, watches
from own_redis import StandaloneRedis
from playwright.async_api import Browser, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = "Safari on iPhone"
TOLD = "from Firefox on Windows"


@pytest.fixture(scope="module")
def full_site(servers: ExitStack, redis: StandaloneRedis) -> Site:
    """Give a site that has room for a single stream in either process."""
    return Site(servers, redis.url, SESSION_STREAMS="1")


@pytest.fixture(scope="module")
def silent_site(servers: ExitStack, redis: StandaloneRedis) -> Site:
    """Give a site that holds no stream at all."""
    return Site(servers, redis.url, SESSION_STREAMS="0")


@pytest_asyncio.fixture(loop_scope="session")
async def latecomers(browser: Browser, full_site: Site) -> AsyncIterator[Browsers]:
    """Open browsers on that."""
    async with browsing(browser, full_site.url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def unheard(browser: Browser, silent_site: Site) -> AsyncIterator[Browsers]:
    """Open browsers on that."""
    async with browsing(browser, silent_site.url) as opened:
        yield opened


async def test_kill_works_without_javascript_and_the_next_page_says_why(browsers: Browsers) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS, java_script_enabled=False)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE, java_script_enabled=False)
    await phone.open(DASHBOARD)
    await ada.open(DEVICES)
    await ada.sees_devices(2)
    await ada.press(f"Sign out of {PHONE}")
    await ada.is_told(f"Signed out: {PHONE}.")
    await ada.sees_devices(1)
    await finds_out_by_a_click(phone, TOLD)


async def test_page_that_others_turn_to_says_why_without_javascript_as_well(browsers: Browsers) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE, java_script_enabled=False)
    await ada.open(DEVICES)
    await ada.press(f"Sign out of {PHONE}")
    await ada.sees_devices(1)
    await phone.open(f"{ENDED}?next={DEVICES}")
    await phone.sees(TOLD)
    await phone.sign_in()
    await phone.stands_on(DEVICES)


async def test_page_that_others_turn_to_lets_go_on_whoever_is_still_signed_in(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await ada.open(f"{ENDED}?next={DEVICES}")
    await ada.stands_on(DEVICES)


async def test_end_without_javascript_turns_the_pages_of_a_browser_that_has_it(browsers: Browsers) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS, java_script_enabled=False)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE)
    await watches(phone, DASHBOARD)
    await ada.open(DEVICES)
    await ada.press(f"Sign out of {PHONE}")
    await turns(phone, DASHBOARD, TOLD)


async def test_server_without_room_for_streams_does_everything_else(latecomers: Browsers) -> None:
    ada = await newcomer(latecomers, user_agent=WINDOWS, extra_http_headers=FIRST)
    phone = await elsewhere(latecomers, ada, user_agent=IPHONE, extra_http_headers=FIRST)
    await watches(ada, DEVICES)
    async with phone.page.expect_response(of_stream) as answering:
        await phone.open(DASHBOARD)
    answer = await answering.value
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.headers["retry-after"]
    await ada.press(f"Sign out of {PHONE}")
    await ada.is_told(f"Signed out: {PHONE}.")
    await ada.sees_devices(1)
    await expect(phone.page.locator("#notices")).to_be_empty()
    await finds_out_by_a_click(phone, TOLD)


async def test_site_that_holds_no_streams_asks_for_none_and_does_everything_else(unheard: Browsers) -> None:
    ada = await newcomer(unheard, user_agent=WINDOWS)
    phone = await elsewhere(unheard, ada, user_agent=IPHONE)
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    await phone.open(DASHBOARD)
    await ada.open(DEVICES)
    await ada.press(f"Sign out of {PHONE}")
    await ada.is_told(f"Signed out: {PHONE}.")
    await ada.sees_devices(1)
    await finds_out_by_a_click(phone, TOLD)
    assert asked
    assert not [url for url in asked if EVENTS in url or "hx-sse" in url]
