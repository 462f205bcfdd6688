"""When the password was confirmed too long ago it is asked for again, and the act waits for its own button."""

import pytest
from asgi_calls import settings
from journeys.browsers import Browsers
from journeys.people import DEVICES, IPHONE, Person, is_out, newcomer, signed_in_elsewhere
from own_redis import StandaloneRedis
from pages import PASSWORD
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Seconds; the server has it from nobody either.
WINDOW = settings().reauth_window


async def test_act_after_confirming_is_done_by_its_own_button(browsers: Browsers, redis: StandaloneRedis) -> None:
    couples = []
    for script in (True, False):
        ada = await newcomer(browsers, java_script_enabled=script)
        couples.append((ada, await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)))
    let_the_window_pass(redis)
    for ada, phone in couples:
        await confirms_and_ends(ada)
        assert await is_out(phone)


def let_the_window_pass(redis: StandaloneRedis) -> None:
    """Make it so long ago that anybody has confirmed a password."""
    for key in redis.cli("KEYS", "session:*"):
        redis.cli("HINCRBY", key, "confirmed", -WINDOW)


async def confirms_and_ends(ada: Person) -> None:
    await ada.open(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await ada.stands_on(f"/confirm?next={DEVICES}")
    password = ada.page.get_by_label("Password", exact=True)
    await expect(password).to_be_focused()
    await ada.fill(Password="not this one")
    await ada.press("Confirm")
    await ada.sees("The password is not right.")
    await expect(password).to_be_focused()
    await ada.fill(Password=PASSWORD)
    await ada.press("Confirm")
    await ada.stands_on(DEVICES)
    await ada.sees_devices(2)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
