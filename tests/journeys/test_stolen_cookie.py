"""A thief has copied the cookie of somebody's browser: the owner is told, and the thief is out."""

import pytest
from journeys.browsers import Browsers
from journeys.inbox import TWO_PLACES, letter
from journeys.people import DASHBOARD, DEVICES, LOGIN, WINDOWS, Person, carry, is_out, newcomer, session_cookie
from journeys.streams.watching import turns, watches
from journeys.waiting import history_tells, let_a_renewal_come, let_the_grace_pass
from own_redis import StandaloneRedis
from playwright.async_api import expect
from smtp_server import SmtpServer, part_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

TO_LOGIN = f"{LOGIN}?next={DASHBOARD}"
TOLD = "this sign-in was used in two places, so somebody may have a copy of it. Sign in and choose a new password."


async def thief_of(browsers: Browsers, ada: Person) -> Person:
    """Return somebody who is in Ada's account with nothing but a copy of her cookie, and asks for pages alone."""
    context = await browsers.start(hears=False)
    await carry(context, browsers.url, await session_cookie(ada.page.context))
    thief = Person(await context.new_page(), ada.email)
    await thief.open(DASHBOARD)
    await thief.sees(ada.email)
    return thief


async def goes_on(person: Person, redis: StandaloneRedis) -> None:
    """Use the session for ten minutes: an answer brings another secret, and the next page shows it."""
    before = await session_cookie(person.page.context)
    let_a_renewal_come(redis)
    for path in (DASHBOARD, DEVICES):
        await person.open(path)
        await person.stands_on(path)
    after = await session_cookie(person.page.context)
    assert before is not None
    assert after is not None
    assert after["value"] != before["value"]


async def is_told_by_page(ada: Person) -> None:
    """Find out at the next page, at which nobody is signed in; the page after tells it no more."""
    await ada.stands_on(TO_LOGIN)
    await ada.is_told(TOLD)
    await expect(ada.page.get_by_role("alert")).to_contain_text("You were signed out here on")
    await ada.page.reload()
    await expect(ada.page.get_by_text(TOLD)).to_have_count(0)


async def is_told_by_mail(mails: SmtpServer, ada: Person) -> None:
    """Find out in the inbox, on which device it was."""
    text = part_of(await letter(mails, ada.email, TWO_PLACES), "plain")
    assert "was used in two places at once" in " ".join(text.split())
    assert "Firefox on Windows" in text


async def goes_back_in(ada: Person, thief: Person) -> None:
    """Sign in again; whatever the thief has still opens nothing."""
    await ada.sign_in()
    await ada.stands_on(DASHBOARD)
    assert await is_out(thief.page.context)
    await history_tells(ada, "Ended because it was used in two places")


async def test_owner_is_told_and_the_thief_is_out_when_the_owner_was_there_first(
    browsers: Browsers, redis: StandaloneRedis, mails: SmtpServer
) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS, hears=False)
    thief = await thief_of(browsers, ada)
    await goes_on(ada, redis)
    # Nobody is signed out by requests that are under way with the secret before.
    await thief.open(DASHBOARD)
    await thief.sees(ada.email)
    let_the_grace_pass(redis)
    await thief.open(DASHBOARD)
    await thief.stands_on(TO_LOGIN)
    await ada.follow("Dashboard")
    await is_told_by_page(ada)
    await is_told_by_mail(mails, ada)
    await goes_back_in(ada, thief)


async def test_owner_is_told_and_the_thief_is_out_when_the_thief_was_there_first(
    browsers: Browsers, redis: StandaloneRedis, mails: SmtpServer
) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS, hears=False)
    await ada.open(DASHBOARD)
    thief = await thief_of(browsers, ada)
    await goes_on(thief, redis)
    let_the_grace_pass(redis)
    await ada.page.reload()
    await is_told_by_page(ada)
    await thief.follow("Dashboard")
    await thief.stands_on(TO_LOGIN)
    await is_told_by_mail(mails, ada)
    await goes_back_in(ada, thief)


async def test_open_page_of_the_owner_says_it_as_soon_as_the_thief_was_there(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada = await newcomer(browsers, user_agent=WINDOWS)
    thief = await thief_of(browsers, ada)
    await goes_on(ada, redis)
    let_the_grace_pass(redis)
    await watches(ada, DASHBOARD)
    await thief.open(DASHBOARD)
    await thief.stands_on(TO_LOGIN)
    await turns(ada, DASHBOARD, TOLD)
    await goes_back_in(ada, thief)


async def test_owner_alone_is_signed_out_by_no_renewal_and_no_answer_that_is_lost(
    browsers: Browsers, redis: StandaloneRedis
) -> None:
    ada = await newcomer(browsers)
    tab = Person(await ada.page.context.new_page(), ada.email)
    for _ in range(3):
        let_a_renewal_come(redis)
        await loses_an_answer(browsers, ada)
        await goes_on(ada, redis)
        await tab.open(DASHBOARD)
        let_the_grace_pass(redis)
        await tab.page.reload()
        await tab.sees(ada.email)


async def loses_an_answer(browsers: Browsers, ada: Person) -> None:
    """Ask for a page, the answer to which never comes to the browser."""
    context = await browsers.start()
    await carry(context, browsers.url, await session_cookie(ada.page.context))
    assert not await is_out(context)
    # It brought another secret.
    assert await session_cookie(context) != await session_cookie(ada.page.context)
    await context.close()
