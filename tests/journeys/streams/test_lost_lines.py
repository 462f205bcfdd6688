"""Redis, a line to it or a server goes away: pages stay as they are, and what happened meanwhile reaches them then."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from journeys.browsers import Browsers, browsing
from journeys.people import DASHBOARD, DEVICES, IPHONE, PROFILE, WINDOWS, Person, elsewhere, newcomer
from journeys.streams.balancer import FIRST, SECOND
from journeys.streams.site import Site
from journeys.streams.watching import is_untouched, of_stream, own_session, turns, watches
from own_redis import SLOW, StandaloneRedis, any_binary
from playwright.async_api import Browser, expect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

PHONE = "Safari on iPhone"
BY_WINDOWS = "from Firefox on Windows"


@pytest.fixture(scope="module")
def lasting(servers: ExitStack) -> StandaloneRedis:
    """Give a Redis that may be stopped, and has everything when it is back."""
    folder = Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-")))
    redis = StandaloneRedis(folder, any_binary(), append_only=True)
    servers.callback(redis.stop)
    return redis


@pytest.fixture(scope="module")
def shaky_site(servers: ExitStack, lasting: StandaloneRedis) -> Site:
    """Give a site that stands on it."""
    return Site(servers, lasting.url)


@pytest_asyncio.fixture(loop_scope="session")
async def shaky(browser: Browser, shaky_site: Site) -> AsyncIterator[Browsers]:
    """Open browsers on that."""
    async with browsing(browser, shaky_site.url) as opened:
        yield opened


async def two_devices(browsers: Browsers, ada: dict[str, str], phone: dict[str, str]) -> tuple[Person, Person]:
    """Return Ada in front of her list and her phone on a page; the arguments say which process serves either."""
    desk = await newcomer(browsers, user_agent=WINDOWS, extra_http_headers=ada)
    hand = await elsewhere(browsers, desk, user_agent=IPHONE, extra_http_headers=phone)
    await watches(desk, DEVICES)
    await watches(hand, DASHBOARD)
    return desk, hand


async def finds_redis_away(person: Person) -> None:
    """Ask as any page does, until the answer is that a part of the site is away."""
    answer = await person.page.context.request.get("/readyz")
    while answer.ok:
        answer = await person.page.context.request.get("/readyz")


async def test_redis_that_is_away_changes_nothing_on_any_page_and_is_heard_again_afterwards(
    shaky: Browsers, lasting: StandaloneRedis
) -> None:
    ada, phone = await two_devices(shaky, FIRST, SECOND)
    lasting.stop()
    try:
        for person in (ada, phone):
            await finds_redis_away(person)
        for person in (ada, phone):
            await is_untouched(person)
            await expect(person.page.locator("#session-ending")).to_be_empty()
    finally:
        lasting.start()
    await ada.press(f"Sign out of {PHONE}")
    await ada.is_told(f"Signed out: {PHONE}.")
    await turns(phone, DASHBOARD, BY_WINDOWS)
    await is_untouched(ada)


async def test_end_that_one_process_could_not_hear_lands_when_its_line_is_back(
    shaky: Browsers, shaky_site: Site, lasting: StandaloneRedis
) -> None:
    ada, phone = await two_devices(shaky, FIRST, SECOND)
    # It cannot come back before it is let go on, so what is told in between is told without it.
    with shaky_site.second.frozen():
        assert lasting.cli("CLIENT", "KILL", "TYPE", "pubsub") == len(shaky_site.servers)
        await ada.press(f"Sign out of {PHONE}")
        await ada.is_told(f"Signed out: {PHONE}.")
    await turns(phone, DASHBOARD, BY_WINDOWS)
    await is_untouched(ada)


async def test_end_while_redis_begins_anew_lands_on_the_process_that_was_not_there_yet(
    shaky: Browsers, shaky_site: Site, lasting: StandaloneRedis
) -> None:
    ada, phone = await two_devices(shaky, FIRST, SECOND)
    session = await own_session(phone.page.context)
    with shaky_site.second.frozen():
        lasting.stop()
        lasting.start()
        await shaky_site.first.operate("sessions", "end", ada.email, session)
    await turns(phone, DASHBOARD, "an operator of this site ended it.")
    # The list's process has lost its line as well, and caught up.
    await ada.sees_devices(1)
    await is_untouched(ada)


async def test_server_that_ends_hands_its_pages_over_to_the_other(browsers: Browsers, site: Site) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE)
    stream = await watches(phone, PROFILE)
    ending = site.holding(stream)
    try:
        async with phone.page.expect_response(of_stream) as opening:
            assert await ending.terminate() == 0
        again = await opening.value
        assert again.ok
        assert site.holding(again) is not ending
        await watches(ada, DEVICES)
        await ada.press(f"Sign out of {PHONE}")
        await turns(phone, PROFILE, BY_WINDOWS)
    finally:
        ending.start()
