"""What nginx, as most people set it up, lets through: every byte at once, and for as long as the page is open."""

import pytest
from journeys.browsers import Browsers
from journeys.people import DASHBOARD, DEVICES, IPHONE, WINDOWS, elsewhere, newcomer, send, signed_in_elsewhere
from journeys.streams.balancer import FIRST, SECOND
from journeys.streams.site import Site
from journeys.streams.watching import is_untouched, of_stream, own_session, turns, watches
from journeys.streams.wire import listening
from own_redis import SLOW
from playwright.async_api import Request

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

# There is one every 20 seconds, the first at once; nginx gives up after 60 without a byte. So after the fifth, the
# stream has been open for longer than it could have been without them.
COMMENTS = 5


@pytest.mark.parametrize("version", ["1.1", "1.0"])
async def test_first_bytes_come_through_before_anything_has_happened(
    browsers: Browsers, site: Site, version: str
) -> None:
    ada = await newcomer(browsers)
    async with listening(site.url if version == "1.1" else site.old_url, ada.page.context) as heard:
        await heard.until("event: session-here")
        await heard.until(await own_session(ada.page.context))
        assert heard.answer.headers["cache-control"] == "no-store, no-transform"


async def test_streams_outlast_what_nginx_allows_to_be_silent(browsers: Browsers, site: Site) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE)
    await watches(phone, DASHBOARD)
    opened_again = list[Request]()
    phone.page.on("request", lambda request: opened_again.append(request) if of_stream(request) else None)
    async with listening(site.url, ada.page.context) as heard:
        for _ in range(COMMENTS):
            await heard.until_comment()
    assert opened_again == []
    await is_untouched(phone)
    await ada.open(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await turns(phone, DASHBOARD, "from Firefox on Windows")


async def test_what_happens_to_one_account_is_said_to_nobody_else(browsers: Browsers, site: Site) -> None:
    ada, bob = await newcomer(browsers), await newcomer(browsers)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    session = await own_session(phone)
    lists = "?list=none"
    async with (
        listening(site.url, bob.page.context, lists, **FIRST) as one,
        listening(site.url, bob.page.context, lists, **SECOND) as other,
    ):
        for heard in (one, other):
            await heard.until("1 device is signed in")
        await send(phone, f"{DEVICES}/{session}/name", page=DEVICES, name="Pocket")
        await send(phone, "/logout", page=DASHBOARD)
        # What happens to him comes after it, so whatever he was to hear of the others he has heard by then.
        await signed_in_elsewhere(browsers, bob)
        for heard in (one, other):
            await heard.until("2 devices are signed in")
            assert [words for words in (session, "Pocket", "iPhone") if words in heard.text] == []
