"""One's email: proven by a link, changed by one in the new inbox, and brought back by one in the old."""

import pytest
from journeys.browsers import Browsers
from journeys.inbox import (
    CONFIRM_EMAIL,
    CONFIRM_NEW_EMAIL,
    EMAIL_BACK,
    EMAIL_CHANGED,
    NEW_SIGN_IN,
    link,
    proves_email,
    subjects,
)
from journeys.people import DASHBOARD, IPHONE, LOGIN, PROFILE, Person, elsewhere, newcomer
from journeys.streams.watching import finds_out
from journeys.waiting import let_the_window_pass
from own_redis import SLOW, StandaloneRedis
from pages import PASSWORD, new_email
from playwright.async_api import Locator, expect
from smtp_server import SmtpServer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

NEW = "nine quiet teapots"
DEAD = "This link does not work any more"
BROUGHT_BACK = "the account's former email address was brought back"
REFUSED = "The email or the password is not right."


@pytest.mark.parametrize("script", [True, False])
async def test_banner_stands_until_the_link_of_the_latest_mail_was_used(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = Person(await browsers.open(java_script_enabled=script))
    await ada.register()
    phone = await elsewhere(browsers, ada, java_script_enabled=script, user_agent=IPHONE)
    for person in (ada, phone):
        await person.open(DASHBOARD)
        await person.sees(f"Please confirm your email {ada.email}.", within="#banner")
    first = await link(mails, ada.email, CONFIRM_EMAIL)

    await ada.press("Send me a link")
    await ada.is_told(f"We sent a link to {ada.email}.")
    await ada.press("Send me a link")
    await ada.sees("You can ask for the next one in")
    second = await link(mails, ada.email, CONFIRM_EMAIL, 2)
    assert [each for each in subjects(mails, ada.email) if each != NEW_SIGN_IN] == [CONFIRM_EMAIL] * 2

    await phone.open(first)
    await phone.sees(DEAD)
    await phone.open(second)
    await phone.press("Confirm email")
    await phone.stands_on(PROFILE)
    await phone.is_told("Your email is confirmed.")
    await ada.follow("Dashboard")
    await ada.stands_on(DASHBOARD)
    await ada.sees("Confirmed")
    for person in (ada, phone):
        await expect(person.page.locator("#banner")).to_have_count(0)


async def test_answer_to_asking_again_without_a_script_leads_back(browsers: Browsers) -> None:
    ada = await newcomer(browsers, java_script_enabled=False)
    await ada.open(PROFILE)
    await ada.press("Send me a link")
    # Two that are under way at once may be answered in either order.
    await ada.is_told(f"We sent a link to {ada.email}.")
    await ada.press("Send me a link")
    await ada.sees("Already sent")
    await ada.follow("Go back")
    await ada.stands_on(PROFILE)


@pytest.mark.parametrize("script", [True, False])
async def test_email_changes_by_the_link_in_the_new_inbox_and_the_old_one_brings_it_back(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    await proves_email(mails, ada)
    phone = await elsewhere(browsers, ada, java_script_enabled=script, user_agent=IPHONE)
    old, new = ada.email, new_email()

    await ada.open(PROFILE)
    await expect(password_of(ada)).to_have_count(0)
    await ada.fill(**{"New email": new})
    await ada.press("Change email")
    await ada.is_told(f"We sent a link to {new}.")
    await is_known_as(phone, old)
    await phone.open(await link(mails, new, CONFIRM_NEW_EMAIL))
    await is_known_as(ada, old)
    await phone.press("Use this email")
    await phone.is_told(f"Your email is now {new}.")
    await is_known_as(ada, new)

    owner = Person(await browsers.open(java_script_enabled=script), old)
    back = await link(mails, old, EMAIL_CHANGED)
    await phone.stands_on(PROFILE)
    await takes_it_back(owner, back)
    for person, path in ((ada, DASHBOARD), (phone, PROFILE)):
        await finds_out(person, path, BROUGHT_BACK, script=script)
    for email in (old, new):
        # The refusal of the first is not to be taken for that of the second.
        await owner.open(LOGIN)
        await Person(owner.page, email).sign_in()
        await owner.sees(REFUSED)
    await owner.open(back)
    await owner.sees(DEAD)
    await gets_in_again(owner, await link(mails, old, EMAIL_BACK))
    await is_known_as(owner, old)


def password_of(person: Person) -> Locator:
    return person.page.get_by_label("Your password", exact=True)


async def is_known_as(person: Person, email: str) -> None:
    """Wait until the person's next page names this email."""
    await person.open(DASHBOARD)
    await person.sees(f"Signed in as {email}", within="footer")


async def takes_it_back(owner: Person, back: str) -> None:
    await owner.open(back)
    await owner.sees("The current password stops working.")
    await owner.press("Take it back")
    await owner.stands_on(LOGIN)
    await owner.is_told(f"Your email is {owner.email} again. Every device is signed out.")


async def gets_in_again(owner: Person, reset: str) -> None:
    await owner.open(reset)
    await owner.fill(**{"New password": NEW})
    await owner.press("Set new password")
    await owner.stands_on(LOGIN)
    await owner.sign_in(password=NEW)
    await owner.stands_on(DASHBOARD)


@pytest.mark.parametrize("script", [True, False])
async def test_password_is_asked_within_the_form_and_the_address_that_was_typed_stays(
    browsers: Browsers, mails: SmtpServer, redis: StandaloneRedis, *, script: bool
) -> None:
    ada, new = await newcomer(browsers, java_script_enabled=script), new_email()
    await ada.open(PROFILE)
    await ada.fill(**{"New email": new})
    let_the_window_pass(redis)
    field, said = (
        ada.page.get_by_label("New email", exact=True),
        "Please enter your password to confirm that it is you.",
    )
    for given, problem in (("", said), ("not this one", "The password is not right.")):
        if given:
            await password_of(ada).fill(given)
        await ada.press("Change email")
        await expect(ada.page.locator("#email-password-error")).to_have_text(problem)
        await expect(password_of(ada)).to_be_focused()
        await expect(password_of(ada)).to_have_value("")
        await expect(field).to_have_value(new)
    assert CONFIRM_NEW_EMAIL not in subjects(mails, new)
    await password_of(ada).fill(PASSWORD)
    await ada.press("Change email")
    await ada.is_told(f"We sent a link to {new}.")
    await expect(password_of(ada)).to_have_count(0)
    await link(mails, new, CONFIRM_NEW_EMAIL)


@pytest.mark.parametrize("script", [True, False])
async def test_change_that_was_cancelled_leaves_a_dead_link(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada, new = await newcomer(browsers, java_script_enabled=script), new_email()
    await ada.open(PROFILE)
    await ada.fill(**{"New email": new})
    await ada.press("Change email")
    await ada.sees(f"We sent a link to {new}.", within="#pending-email")
    found = await link(mails, new, CONFIRM_NEW_EMAIL)
    await ada.press("Cancel the change of your email")
    await ada.is_told(f"Your email stays {ada.email}.")
    await expect(ada.page.locator("#pending-email")).to_have_count(0)
    await ada.open(found)
    await ada.sees(DEAD)


@pytest.mark.parametrize("script", [True, False])
async def test_new_name_is_on_the_next_page_of_another_browser(browsers: Browsers, *, script: bool) -> None:
    ada = await newcomer(browsers, java_script_enabled=script)
    phone = await elsewhere(browsers, ada, java_script_enabled=script, user_agent=IPHONE)
    await phone.open(DASHBOARD)
    await phone.sees("Signed in as Ada Lovelace", within="header")
    await ada.open(PROFILE)
    await ada.fill(Name="Ada, Countess of Lovelace")
    await ada.press("Save name")
    await ada.is_told("You are now called Ada, Countess of Lovelace.")
    await phone.follow("Dashboard")
    await phone.sees("Signed in as Ada, Countess of Lovelace", within="header")
