"""When the password was confirmed too long ago it is asked for again, and the act waits for its own button."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from gatehouse import Gatehouse, Serve
from journeys.browsers import Browsers
from journeys.people import DEVICES, IPHONE, Person, is_out, newcomer, signed_in_elsewhere
from pages import PASSWORD
from playwright.async_api import Browser, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Seconds. Long enough to come back and press the button, short enough to wait for.
WINDOW = 4


@pytest.fixture(scope="module")
def forgetful(serve: Serve) -> Gatehouse:
    """Give a server that forgets confirmations soon."""
    return serve(REAUTH_WINDOW=f"{WINDOW}s")


@pytest_asyncio.fixture(loop_scope="session")
async def strict(browser: Browser, forgetful: Gatehouse) -> AsyncIterator[Browsers]:
    """Open browsers on it."""
    opened = Browsers(browser, forgetful.url)
    yield opened
    await opened.close()
    assert opened.complaints == []


async def test_act_after_confirming_is_done_by_its_own_button(strict: Browsers) -> None:
    couples = []
    for script in (True, False):
        ada = await newcomer(strict, java_script_enabled=script)
        couples.append((ada, await signed_in_elsewhere(strict, ada, user_agent=IPHONE)))
    await asyncio.sleep(WINDOW)
    for ada, phone in couples:
        await confirms_and_ends(ada)
        assert await is_out(phone)


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
