"""A session that is ended anywhere: the pages of that browser turn by themselves and say why; no other page does."""

import pytest
from journeys.browsers import Browsers
from journeys.inbox import NEW_SIGN_IN, link
from journeys.people import (
    DASHBOARD,
    DEVICES,
    IPHONE,
    LOGIN,
    PASSWORD_PAGE,
    PROFILE,
    WINDOWS,
    Person,
    elsewhere,
    newcomer,
)
from journeys.streams.balancer import FIRST, SECOND
from journeys.streams.site import Site
from journeys.streams.watching import is_untouched, of_stream, own_session, turns, watches, watches_again
from pages import PASSWORD
from smtp_server import SmtpServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY_WINDOWS = "from Firefox on Windows"
NEW_PASSWORD = "nine quiet teapots"
# The phone hears of it in one process; the act is done in the same one, or in the other.
in_either_process = pytest.mark.parametrize("process", [FIRST, SECOND], ids=["the same process", "the other process"])


async def two_devices(browsers: Browsers, process: dict[str, str]) -> tuple[Person, Person]:
    """Return Ada at her desk, whom ``process`` serves, and with her phone, which the first one serves."""
    ada = await newcomer(browsers, user_agent=WINDOWS, extra_http_headers=process)
    phone = await elsewhere(browsers, ada, user_agent=IPHONE, extra_http_headers=FIRST)
    return ada, phone


@in_either_process
async def test_end_from_the_list_turns_every_tab_of_that_browser_and_no_other_page(
    browsers: Browsers, process: dict[str, str]
) -> None:
    ada, phone = await two_devices(browsers, process)
    tablet = await elsewhere(browsers, ada, extra_http_headers=FIRST)
    for person, path in ((phone, DASHBOARD), (tablet, DEVICES), (ada, DEVICES)):
        await watches(person, path)
    second_tab = await watches_again(phone, PROFILE)
    await ada.press("Sign out of Safari on iPhone")
    await turns(phone, DASHBOARD, BY_WINDOWS)
    await turns(second_tab, PROFILE, BY_WINDOWS)
    # The tablet has heard of it as well: its list shows it, on the page that it was.
    for person in (tablet, ada):
        await person.sees_devices(2)
        await is_untouched(person)
    # From where it has turned to the way back is short.
    await phone.sign_in()
    await phone.stands_on(DASHBOARD)


@in_either_process
async def test_new_password_turns_the_other_browsers(browsers: Browsers, process: dict[str, str]) -> None:
    ada, phone = await two_devices(browsers, process)
    await watches(phone, PROFILE)
    await watches(ada, PASSWORD_PAGE)
    second_tab = await watches_again(ada, DEVICES)
    await ada.fill(**{"Current password": PASSWORD, "New password": NEW_PASSWORD})
    # Her own secret is another one now, so her other tab opens its stream again, and nothing else happens to it.
    async with second_tab.page.expect_response(of_stream):
        await ada.press("Change password")
    await turns(phone, PROFILE, f"the password was changed {BY_WINDOWS}")
    await ada.is_told("Your password is changed.")
    await second_tab.sees_devices(1)
    await is_untouched(second_tab)


async def test_operator_turns_the_pages_of_one_session(browsers: Browsers, site: Site) -> None:
    ada, phone = await two_devices(browsers, SECOND)
    await watches(ada, DEVICES)
    await watches(phone, DASHBOARD)
    said = await site.first.operate("sessions", "end", ada.email, await own_session(phone.page.context))
    assert said == "1 session was ended.\n"
    await turns(phone, DASHBOARD, "an operator of this site ended it.")
    await ada.sees_devices(1)
    await is_untouched(ada)


async def test_link_of_the_mail_turns_the_pages_of_whoever_it_is_about(browsers: Browsers, mails: SmtpServer) -> None:
    ada, thief = await two_devices(browsers, FIRST)
    await watches(ada, DEVICES)
    await watches(thief, DASHBOARD)
    reader = Person(await browsers.open(extra_http_headers=SECOND), ada.email)
    await reader.open(await link(mails, ada.email, NEW_SIGN_IN))
    await reader.press("It was not me")
    await turns(thief, DASHBOARD, "by the link in the mail about this sign-in it was said to be somebody else's.")
    await ada.sees_devices(1)
    await is_untouched(ada)


@in_either_process
async def test_sign_out_everywhere_turns_the_others_and_lands_where_it_leads(
    browsers: Browsers, process: dict[str, str]
) -> None:
    ada, phone = await two_devices(browsers, process)
    await watches(phone, DEVICES)
    await watches(ada, DASHBOARD)
    second_tab = await watches_again(ada, PROFILE)
    await ada.press("Sign out everywhere", within="footer")
    await ada.page.locator("dialog[open] button[value=confirm]").click()
    await turns(phone, DEVICES, BY_WINDOWS)
    await turns(second_tab, PROFILE, "You are signed out")
    await ada.stands_on(LOGIN)
    await ada.is_told("You are signed out everywhere.")


async def test_sign_out_in_one_tab_turns_the_other_tabs_of_that_browser(browsers: Browsers) -> None:
    ada, phone = await two_devices(browsers, SECOND)
    await watches(ada, DEVICES)
    await watches(phone, DASHBOARD)
    second_tab = await watches_again(phone, PROFILE)
    await phone.press("Sign out", within="header")
    await turns(second_tab, PROFILE, "You are signed out")
    # The tab with the button goes where that leads.
    await phone.stands_on(LOGIN)
    await phone.is_told("You are signed out.")
    await ada.sees_devices(1)
    await is_untouched(ada)
