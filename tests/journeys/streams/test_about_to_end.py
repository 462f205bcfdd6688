"""Sessions that are about to end, and that end by themselves: nobody loses what they have typed."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from http import HTTPStatus

import pytest
import pytest_asyncio
from journeys.browsers import PATIENCE, Browsers, browsing
from journeys.people import DASHBOARD, LOGIN, PROFILE, Person, is_out, newcomer, press_twice, send
from journeys.streams.site import Site
from journeys.streams.watching import AGAIN, ENDED, EVENTS, STAY, is_untouched, own_session, watches, watches_again
from own_redis import SLOW, StandaloneRedis
from pages import PASSWORD
from playwright.async_api import Browser, Locator, expect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

# Seconds. Half of it is left when the notice comes: nobody has to be quicker than that, not even on a busy machine.
SHORT = 36
# Milliseconds for what comes by itself within it.
BY_ITSELF = SHORT * 1000 + PATIENCE
STAY_SIGNED_IN, SIGN_IN_AGAIN = "Stay signed in", "Sign in again"
# Opens a stream, hears its first bytes and leaves it, for ever, as a line would that is lost again and again.
COME_AND_GO = """async path => {
  for (;;) {
    const stream = await fetch(path, {headers: {Accept: "text/event-stream"}});
    const reader = stream.body.getReader();
    await reader.read();
    await reader.cancel();
    window.streams = (window.streams ?? 0) + 1;
    await new Promise(done => setTimeout(done, 1000));
  }
}"""


@pytest.fixture(scope="module")
def idle_site(servers: ExitStack, redis: StandaloneRedis) -> Site:
    """Give a site where nobody may pause for long."""
    return Site(servers, redis.url, SESSION_IDLE=str(SHORT), SESSION_TOUCH="1")


@pytest.fixture(scope="module")
def aging_site(servers: ExitStack, redis: StandaloneRedis) -> Site:
    """Give a site where nobody stays for long."""
    return Site(servers, redis.url, SESSION_IDLE=str(SHORT), SESSION_LIFETIME=str(SHORT), SESSION_TOUCH="1")


@pytest_asyncio.fixture(loop_scope="session")
async def idlers(browser: Browser, idle_site: Site) -> AsyncIterator[Browsers]:
    """Open browsers on the first of them."""
    async with browsing(browser, idle_site.url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def agers(browser: Browser, aging_site: Site) -> AsyncIterator[Browsers]:
    """Open browsers on the second."""
    async with browsing(browser, aging_site.url) as opened:
        yield opened


async def notice_comes(person: Person, words: str) -> Locator:
    """Wait until the page says that the session is about to end; gives the button with these words."""
    button = person.button(words, within="#session-ending")
    await expect(button).to_be_visible(timeout=BY_ITSELF)
    return button


async def notice_goes(person: Person) -> None:
    """Wait until the page does not say so any more."""
    await expect(person.page.locator("#session-ending")).to_be_empty()


async def dialog_comes(person: Person) -> None:
    """Wait until the page asks for the password, over itself."""
    await expect(dialog_of(person)).to_be_visible(timeout=BY_ITSELF)
    assert await dialog_of(person).evaluate("dialog => dialog.matches(':modal')")


async def dialog_goes(person: Person) -> None:
    """Wait until it does not ask any more."""
    await expect(dialog_of(person)).to_have_count(0)


def dialog_of(person: Person) -> Locator:
    """Find the dialog that is open."""
    return person.page.locator("dialog[open]")


async def signs_in_over_the_page(person: Person, password: str = PASSWORD) -> None:
    """Fill the dialog, and send it."""
    await dialog_of(person).get_by_label("Password", exact=True).fill(password)
    await dialog_of(person).get_by_role("button", name="Sign in", exact=True).click()


async def test_notice_comes_in_every_tab_and_staying_takes_it_from_all(idlers: Browsers) -> None:
    ada = await newcomer(idlers)
    await watches(ada, DASHBOARD)
    second_tab = await watches_again(ada, PROFILE)
    button = await notice_comes(second_tab, STAY_SIGNED_IN)
    await notice_comes(ada, STAY_SIGNED_IN)
    await button.click()
    for tab in (ada, second_tab):
        await notice_goes(tab)
    # It is not for good: without anybody there it comes again.
    for tab in (ada, second_tab):
        await notice_comes(tab, STAY_SIGNED_IN)
        await is_untouched(tab)


async def test_second_press_of_staying_is_harmless(idlers: Browsers) -> None:
    ada = await newcomer(idlers)
    await watches(ada, DASHBOARD)
    await press_twice(await notice_comes(ada, STAY_SIGNED_IN), STAY)
    await notice_goes(ada)
    await is_untouched(ada)
    assert not await is_out(ada.page.context)


async def test_staying_works_without_htmx(idlers: Browsers) -> None:
    ada = await newcomer(idlers)
    await watches(ada, PROFILE)
    button = await notice_comes(ada, STAY_SIGNED_IN)
    # The form itself, as a browser sends it.
    await button.evaluate("button => button.form.submit()")
    await ada.page.wait_for_function("() => window.untouched !== true")
    await notice_goes(ada)
    assert not await is_out(ada.page.context)


async def test_streams_keep_nobody_signed_in_and_what_is_typed_outlasts_the_end(idlers: Browsers) -> None:
    ada = await newcomer(idlers)
    await watches(ada, PROFILE)
    second_tab = await watches_again(ada, PROFILE)
    await ada.fill(Name="Ada King, Countess of Lovelace")
    # It is never answered, so nothing waits for it.
    await second_tab.page.evaluate(f"path => {{ void ({COME_AND_GO})(path) }}", EVENTS)
    for tab in (ada, second_tab):
        await dialog_comes(tab)
    assert await second_tab.page.evaluate("window.streams") > 1
    assert await is_out(ada.page.context)
    # Not what is on the page, nor what one may do there, is within reach behind it.
    await signs_in_over_the_page(ada, "not this one")
    await dialog_of(ada).get_by_text("The email or the password is not right.").wait_for()
    await signs_in_over_the_page(ada)
    for tab in (ada, second_tab):
        await dialog_goes(tab)
    await ada.is_told("You are signed in again.")
    await is_untouched(ada)
    await ada.has_focus_in("#name-form")
    await ada.press("Save name")
    await ada.sees("Ada King, Countess of Lovelace", within="header")
    await is_untouched(second_tab)


async def test_session_that_has_lasted_long_enough_is_followed_by_another_over_the_page(agers: Browsers) -> None:
    ada = await newcomer(agers)
    await watches(ada, PROFILE)
    second_tab = await watches_again(ada, DASHBOARD)
    await ada.fill(Name="Countess of Lovelace")
    await notice_comes(second_tab, SIGN_IN_AGAIN)
    # Using it would not help, and it is not said to.
    await expect(ada.button(STAY_SIGNED_IN)).to_have_count(0)
    await (await notice_comes(ada, SIGN_IN_AGAIN)).click()
    await signs_in_over_the_page(ada)
    for tab in (ada, second_tab):
        await dialog_goes(tab)
        await notice_goes(tab)
        await is_untouched(tab)
    await ada.press("Save name")
    await ada.sees("Countess of Lovelace", within="header")


async def test_somebody_elses_account_cannot_be_signed_in_to_over_the_page(agers: Browsers) -> None:
    ada, bob = await newcomer(agers), await newcomer(agers)
    await watches(ada, PROFILE)
    session = await own_session(ada.page.context)
    await (await notice_comes(ada, SIGN_IN_AGAIN)).click()
    # What the page has filled in itself comes a moment after the dialog.
    email = dialog_of(ada).locator("input[name=email]")
    await expect(email).to_have_value(ada.email)
    await email.evaluate("(field, email) => { field.value = email }", bob.email)
    async with ada.page.expect_response(lambda answer: answer.url.endswith(AGAIN)) as answering:
        await signs_in_over_the_page(ada)
    assert (await answering.value).status == HTTPStatus.UNAUTHORIZED
    await expect(dialog_of(ada)).to_be_visible()
    assert await own_session(ada.page.context) == session


async def test_page_on_a_shared_computer_turns_and_shows_nothing_to_whoever_comes_next(idlers: Browsers) -> None:
    ada = await newcomer(idlers)
    library = await idlers.start()
    await send(library, LOGIN, email=ada.email, password=PASSWORD, shared="y")
    page = Person(await library.new_page(), ada.email)
    await watches(page, PROFILE)
    await page.page.wait_for_url(f"**{ENDED}**", timeout=BY_ITSELF)
    # For how long stands in the history, which may not have it yet.
    await page.sees("this sign-in was not used for")
    await expect(page.page.get_by_text(ada.email)).to_have_count(0)
