"""Was this you? Somebody else signs in with the password, and the owner puts them out by the mail about it."""

from pathlib import Path

import pytest
from journeys.browsers import Browsers
from journeys.inbox import NEW_SIGN_IN, letter, link, subjects
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    LOGIN,
    Person,
    elsewhere,
    is_out,
    newcomer,
    send,
    without_origin,
)
from journeys.waiting import history_tells, mails_have_left
from playwright.async_api import expect
from smtp_server import SmtpServer, part_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUTTON, NEW_PASSWORD = "It was not me", "nine copper umbrellas"
DEAD = "This link does not work any more"
TO_LOGIN = f"{LOGIN}?next={DASHBOARD}"
TOLD = "by the link in the mail about this sign-in it was said to be somebody else's."


async def steal(browsers: Browsers, mails: SmtpServer, ada: Person) -> tuple[Person, str]:
    """Return somebody who knows Ada's password, signed in, and the link of the mail that she gets about it."""
    # Not one whose page turns by itself (streams/test_kill_lands.py).
    thief = await elsewhere(browsers, ada, user_agent=IPHONE, hears=False)
    await thief.open(DASHBOARD)
    assert "Device: Safari on iPhone" in part_of(await letter(mails, ada.email, NEW_SIGN_IN), "plain")
    return thief, await link(mails, ada.email, NEW_SIGN_IN)


async def is_out_and_told_once(thief: Person) -> None:
    await thief.page.reload()
    await thief.stands_on(TO_LOGIN)
    await thief.is_told(TOLD)
    await thief.page.reload()
    await expect(thief.page.get_by_text(TOLD)).to_have_count(0)


async def chooses_a_password(reader: Person) -> None:
    """Go on from where the button has led, and sign in."""
    assert without_origin(reader.page.url).startswith("/reset/")
    await reader.fill(**{"New password": NEW_PASSWORD})
    await reader.press("Set new password")
    await reader.stands_on(LOGIN)
    await reader.sign_in(password=NEW_PASSWORD)
    await reader.stands_on(DASHBOARD)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
async def test_link_of_the_mail_puts_the_thief_out_and_leads_to_a_new_password(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await newcomer(browsers)
    thief, address = await steal(browsers, mails, ada)
    # A browser in which nobody is signed in.
    reader = Person(await browsers.open(java_script_enabled=script), ada.email)
    await reader.open(address)
    for words in ("Was this you?", "Safari on iPhone", "Signed in"):
        await reader.sees(words)
    # Looking changes nothing.
    await thief.page.reload()
    await thief.sees(ada.email)
    await reader.press(BUTTON)
    await reader.is_told("That browser is signed out. Somebody knows the password, so choose a new one now.")
    await is_out_and_told_once(thief)
    await chooses_a_password(reader)
    assert await is_out(ada.page.context)
    await thief.sign_in()
    await thief.sees("The email or the password is not right.")
    await history_tells(reader, "“It was not me”, said of a sign-in from Safari on iPhone")
    await history_tells(reader, "Ended by “It was not me” from the mail about it")


async def test_link_of_the_mail_works_once(browsers: Browsers, mails: SmtpServer) -> None:
    ada = await newcomer(browsers)
    thief, address = await steal(browsers, mails, ada)
    reader = Person(await browsers.open(), ada.email)
    again = Person(await browsers.open(), ada.email)
    for person in (reader, again):
        await person.open(address)
        await person.sees("Was this you?")
    await reader.press(BUTTON)
    await reader.is_told("That browser is signed out.")
    # From a page that was open before, and from the mail.
    await again.press(BUTTON)
    await again.sees(DEAD)
    await again.open(address)
    await again.sees(DEAD)
    await expect(again.button(BUTTON)).to_have_count(0)
    # Ada's own session was not meant.
    assert await is_out(thief.page.context)
    assert not await is_out(ada.page.context)


async def test_browser_that_signs_in_again_is_known_and_sends_no_mail(
    browsers: Browsers, mails: SmtpServer, folder: Path
) -> None:
    ada = await newcomer(browsers, hears=False)
    await history_tells(ada, "Account created")
    await send(ada.page.context, "/logout", page=DASHBOARD)
    await ada.open(LOGIN)
    await ada.sign_in()
    await ada.stands_on(DASHBOARD)
    await history_tells(ada, "Signed in")
    await mails_have_left(folder, ada.email)
    assert NEW_SIGN_IN not in subjects(mails, ada.email)
    # What was new is known the next time; and there would have been a mail.
    phone = await elsewhere(browsers, ada, user_agent=IPHONE)
    await letter(mails, ada.email, NEW_SIGN_IN)
    await send(phone.page.context, "/logout", page=DASHBOARD)
    await send(phone.page.context, LOGIN, email=ada.email, password="seven purple lanterns")
    await phone.open(DEVICES)
    await phone.sees_devices(2)
    await history_tells(phone, "This device")
    await mails_have_left(folder, ada.email)
    assert subjects(mails, ada.email).count(NEW_SIGN_IN) == 1
