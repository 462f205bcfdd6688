"""Somebody guesses: new browsers wait, and the owner gets in where the account was used before."""

import pytest
from journeys.browsers import Browsers
from journeys.people import DASHBOARD, LOGIN, Person, newcomer, send
from journeys.waiting import history_tells
from own_redis import StandaloneRedis
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALLOWED = 5
FAILURES = "throttle:{tries}:failures:*"
REFUSED = "It still lets browsers in on which its present password was used. New browsers are let in again"


@pytest.fixture(autouse=True)
def unguessed(redis: StandaloneRedis) -> None:
    """Forget the tries of other journeys, which come from the same network."""
    for key in redis.cli("KEYS", "throttle:{tries}:*"):
        redis.cli("DEL", key)


async def at_the_door(browsers: Browsers) -> Person:
    """Return somebody who is signed out in the one browser in which the account was used."""
    ada = await newcomer(browsers, hears=False)
    # Since then the browser is known.
    await history_tells(ada, "Account created")
    await send(ada.page.context, "/logout", page=DASHBOARD)
    await ada.open(LOGIN)
    return ada


async def guess(browsers: Browsers, ada: Person) -> Person:
    """Have somebody try as often as a new browser may."""
    guesser = Person(await browsers.open(), ada.email)
    await guesser.open(LOGIN)
    for _ in range(ALLOWED):
        await guesser.tries("not the password")
        await guesser.sees("The email or the password is not right.")
    return guesser


async def test_guesser_keeps_the_owner_out_of_no_browser_that_is_known(browsers: Browsers) -> None:
    ada = await at_the_door(browsers)
    guesser = await guess(browsers, ada)
    # In the same network, and even with the right password.
    await guesser.sign_in()
    await guesser.sees("Too many tries.")
    await ada.sign_in()
    await ada.stands_on(DASHBOARD)


async def test_hundred_failures_in_a_row_keep_out_new_browsers_alone(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada = await at_the_door(browsers)
    stranger = Person(await browsers.open(), ada.email)
    await stranger.open(LOGIN)
    await stranger.tries("not the password")
    # The others come from a thousand networks.
    (row,) = redis.cli("KEYS", FAILURES)
    redis.cli("INCRBY", row, 99)
    await stranger.sign_in()
    await stranger.sees(REFUSED)
    await expect(stranger.page.get_by_role("link", name="Choose a new password")).to_have_attribute("href", "/forgot")
    await expect(stranger.page.get_by_label("Email", exact=True)).to_have_value(ada.email)
    await ada.sign_in()
    await ada.stands_on(DASHBOARD)
    # It was the owner, so the row is over.
    await stranger.sign_in()
    await stranger.stands_on(DASHBOARD)


async def test_hundred_failures_for_an_email_without_an_account_say_the_same(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    stranger = Person(await browsers.open())
    await stranger.open(LOGIN)
    await stranger.tries("not the password")
    (row,) = redis.cli("KEYS", FAILURES)
    redis.cli("INCRBY", row, 99)
    await stranger.sign_in()
    await stranger.sees(REFUSED)
    await expect(stranger.page.get_by_role("link", name="Choose a new password")).to_be_visible()
