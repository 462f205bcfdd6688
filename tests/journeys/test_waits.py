"""Somebody who has tried too often sees the wait count down, and everything that was typed."""

import re

import pytest
from journeys.browsers import Browsers
from journeys.people import DEVICES, LOGIN, Person, newcomer
from own_redis import StandaloneRedis
from playwright.async_api import expect

from webapp.throttle.limits import BY_SESSION

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = "not the password"
# What counts the acts of each session, and how many there may be (throttle/limits.py).
ACTS, MOST_ACTS = "throttle:requests:*:acts", BY_SESSION["acts"].times


async def keep_trying(browsers: Browsers, *, script: bool) -> Person:
    """Try a wrong password once more than is allowed."""
    visitor = Person(await browsers.open(java_script_enabled=script))
    await visitor.open(LOGIN)
    for said in [*["The email or the password is not right."] * 5, "Too many tries."]:
        await visitor.tries(WRONG)
        await visitor.sees(said)
    await expect(visitor.page.get_by_label("Email", exact=True)).to_have_value(visitor.email)
    return visitor


async def test_wait_counts_down_to_now(browsers: Browsers) -> None:
    visitor = await keep_trying(browsers, script=True)
    timer = visitor.page.get_by_role("timer")
    await expect(timer).to_have_text(re.compile(r"^in 1[45]:[0-5][0-9] minutes$"))
    seen = await timer.text_content()
    await expect(timer).not_to_have_text(seen or "")
    # What a clock would say at the end: the page asks the time, and so can be told another one.
    await visitor.page.evaluate("document.querySelector('[data-countdown]').dataset.ends = Date.now() + 6500")
    await expect(timer).to_have_text(re.compile(r"^in [1-7] seconds?$"))
    await expect(timer).to_have_text("now")
    await visitor.sees("You can try again now.")


async def test_wait_is_told_in_words_without_javascript(browsers: Browsers) -> None:
    visitor = await keep_trying(browsers, script=False)
    await visitor.sees("You can try again in 15 minutes.")


async def test_wait_for_a_button_counts_down_in_its_notice(browsers: Browsers, redis: StandaloneRedis) -> None:
    for key in redis.cli("KEYS", ACTS):
        redis.cli("DEL", key)
    ada = await newcomer(browsers)
    await ada.open(DEVICES)
    await ada.page.locator("summary").click()
    await ada.page.get_by_label("A name of your own").fill("Kitchen")
    await ada.page.keyboard.press("Enter")
    await ada.is_told("The device is now called Kitchen.")
    (key,) = redis.cli("KEYS", ACTS)
    redis.cli("RPUSH", key, *[redis.cli("LINDEX", key, 0)] * (MOST_ACTS - 1))
    await ada.page.locator("summary").click()
    await ada.page.get_by_label("A name of your own").fill("Cellar")
    await ada.page.keyboard.press("Enter")
    await ada.is_told("Too many tries. You can try again in")
    timer = ada.page.locator("#notices").get_by_role("timer")
    await expect(timer).to_have_text(re.compile(r"^in [0-9]:[0-5][0-9] minutes$"))
    # It was not done, and what was typed is there still.
    await expect(ada.page.get_by_label("A name of your own")).to_have_value("Cellar")
    await ada.page.reload()
    await ada.sees("Kitchen")
