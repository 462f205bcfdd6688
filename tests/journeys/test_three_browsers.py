"""A new password puts out the right browsers: by the old password all others of the person, by a mail's link all."""

import pytest
from journeys.browsers import Browsers
from journeys.inbox import CHOOSE, PASSWORD_CHANGED, letter, link
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    LOGIN,
    PASSWORD_PAGE,
    SEE_DEVICES,
    WINDOWS,
    Person,
    elsewhere,
    is_out,
    newcomer,
    session_cookie,
)
from journeys.streams.watching import finds_out
from own_redis import SLOW
from pages import PASSWORD
from playwright.async_api import BrowserContext
from smtp_server import SmtpServer, part_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

SECOND, THIRD = "nine quiet teapots", "four velvet anchors"
TOLD = "the password was changed"


@pytest.mark.parametrize("script", [True, False])
async def test_new_password_puts_out_the_right_ones_of_three_browsers(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    phone, laptop = [
        await elsewhere(browsers, ada, java_script_enabled=script, user_agent=each) for each in (IPHONE, WINDOWS)
    ]
    bob = await newcomer(browsers, java_script_enabled=script)
    await stand_on_the_dashboard(ada, phone, laptop, bob)
    with_old_cookie = await copy_of(ada, browsers)
    assert not await is_out(with_old_cookie)

    await changes(ada, PASSWORD, SECOND)
    for person in (phone, laptop):
        await finds_out(person, DASHBOARD, TOLD, script=script)
    for person in (ada, bob):
        await is_in_at_the_next_click(person)
    assert await is_out(with_old_cookie)
    told = await letter(mails, ada.email, PASSWORD_CHANGED)
    assert "Every other device was signed out." in part_of(told, "plain")
    for person in (phone, laptop):
        await person.sign_in(password=PASSWORD)
        await person.sees("The email or the password is not right.")
        await person.sign_in(password=SECOND)
        await person.stands_on(DASHBOARD)

    await stand_on_the_dashboard(ada, phone, laptop, bob)
    await has_forgotten(await visitor(browsers, ada, script=script), mails, THIRD)
    for person in (ada, phone, laptop):
        await finds_out(person, DASHBOARD, TOLD, script=script)
    await is_in_at_the_next_click(bob)
    await ada.sign_in(password=SECOND)
    await ada.sees("The email or the password is not right.")
    await ada.sign_in(password=THIRD)
    await ada.stands_on(DASHBOARD)
    await ada.follow(SEE_DEVICES)
    await ada.sees_devices(1)


async def stand_on_the_dashboard(*people: Person) -> None:
    for person in people:
        await person.open(DASHBOARD)
        await person.stands_on(DASHBOARD)


async def is_in_at_the_next_click(person: Person) -> None:
    await person.follow("Dashboard")
    await person.follow(SEE_DEVICES)
    await person.stands_on(DEVICES)
    await person.sees_devices(1)


async def copy_of(person: Person, browsers: Browsers) -> BrowserContext:
    """Give a browser whose cookie is a copy of the person's, as a thief would have it."""
    cookie, context = await session_cookie(person.page.context), await browsers.start()
    assert cookie is not None
    await context.add_cookies([{"name": "session", "value": cookie["value"], "url": browsers.url}])
    return context


async def visitor(browsers: Browsers, person: Person, *, script: bool) -> Person:
    """Give the same person in a browser in which they are not signed in."""
    return Person(await browsers.open(java_script_enabled=script), person.email)


async def changes(person: Person, current: str, new: str) -> None:
    await person.open(PASSWORD_PAGE)
    await person.fill(**{"Current password": current, "New password": new})
    await person.press("Change password")
    await person.is_told("Your password is changed. Every other device is signed out.")


async def has_forgotten(person: Person, mails: SmtpServer, new: str) -> None:
    await person.open(LOGIN)
    await person.follow("Forgot your password?")
    await person.fill(Email=person.email)
    await person.press("Send me a link")
    await person.sees("Look into your mail")
    await person.open(await link(mails, person.email, CHOOSE))
    await person.fill(**{"New password": new})
    await person.press("Set new password")
    await person.stands_on(LOGIN)
    await person.is_told("Your password is changed, and every device is signed out. Sign in with the new one.")
