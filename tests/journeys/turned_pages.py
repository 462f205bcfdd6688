"""Pictures of what comes to an open page by itself: its session is about to end, is over, or was ended; no tests."""

from journeys.browsers import Browsers
from journeys.household import coming_from
from journeys.people import DASHBOARD, DEVICES, IPHONE, LOGIN, PROFILE, WINDOWS, Person, elsewhere, newcomer, send
from journeys.pictures import take
from journeys.streams.watching import turns, watches
from journeys.waiting import let_pass
from own_redis import StandaloneRedis
from playwright.async_api import expect

from webapp.sessions.news import CHANNEL

# Seconds: of the hour for which a session may pause there is then less than two minutes left, and nothing.
NEARLY, REST = 3600 - 95, 100


async def take_all(browsers: Browsers, redis: StandaloneRedis) -> None:
    """Take them one after the other, with an account of their own."""
    ada = await newcomer(browsers, user_agent=IPHONE)
    office = await elsewhere(browsers, ada, user_agent=WINDOWS, extra_http_headers=coming_from("198.51.100.23"))
    await watches(office, PROFILE)
    let_pass(redis, NEARLY)
    await _look_again(office, redis)
    await expect(office.page.get_by_role("button", name="Stay signed in")).to_be_visible()
    await take(office.page, "about-to-end", "narrow", "dark", whole=False)
    await office.page.get_by_label("Name", exact=True).fill("Ada King")
    let_pass(redis, REST)
    await _look_again(office, redis)
    await expect(office.page.locator("#again-form")).to_be_visible()
    await take(office.page, "sign-in-again", "wide", "narrow", whole=False)

    await ada.open(LOGIN)
    await ada.sign_in()
    await ada.stands_on(DASHBOARD)
    phone = await elsewhere(browsers, ada, user_agent=WINDOWS, extra_http_headers=coming_from("198.51.100.23"))
    await watches(phone, DEVICES)
    await send(ada.page.context, f"{DEVICES}/end-others", page=DEVICES)
    await turns(phone, DEVICES, "You were signed out here")
    await take(phone.page, "turned")


async def _look_again(person: Person, redis: StandaloneRedis) -> None:
    """Have the page's stream look at its session, as if somebody had told of it."""
    stream = person.page.locator("#session-stream")
    account, session = [await stream.get_attribute(f"data-{name}") for name in ("account", "session")]
    redis.cli("PUBLISH", CHANNEL, f"{account} moved {session}")
