"""A forgotten password: a link by mail, which programs may open and only the person uses, once."""

import sqlite3
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from journeys.browsers import Browsers
from journeys.inbox import CHOOSE, asks_for_password, link, subjects
from journeys.people import DASHBOARD, LOGIN, Person, newcomer, press_twice
from own_redis import SLOW, wait_until
from pages import new_email
from playwright.async_api import expect
from smtp_server import PATIENCE, SmtpServer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(SLOW)]

NEW = "nine quiet teapots"
DEAD = "This link does not work any more"


async def forgetful(browsers: Browsers, *, script: bool) -> Person:
    """Give somebody with an account, in a browser in which they are not signed in."""
    ada = await newcomer(browsers)
    return Person(await browsers.open(java_script_enabled=script), ada.email)


async def asks(person: Person, email: str) -> str:
    """Ask for a link and give the words of the answer, without the email."""
    await person.open("/forgot")
    await person.fill(Email=email)
    await person.press("Send me a link")
    await person.sees("Look into your mail")
    # A page is seen before all of it has come.
    await person.page.wait_for_load_state()
    return (await person.page.locator("main").inner_text()).replace(email, "")


def nothing_waits(folder: Path) -> bool:
    """Tell whether every mail that was asked for is sent, or known to have nobody whom it goes to."""
    with closing(sqlite3.connect(folder / "accounts.sqlite3")) as db:
        return not db.execute("SELECT 1 FROM outbox WHERE kind IN ('reset', 'mail')").fetchall()


@pytest.mark.parametrize("script", [True, False])
async def test_answer_is_the_same_for_an_email_that_nobody_has_and_for_whoever_asks_twice(
    browsers: Browsers, mails: SmtpServer, folder: Path, *, script: bool
) -> None:
    ada, stranger = await forgetful(browsers, script=script), new_email()
    words = [await asks(ada, email) for email in (stranger, ada.email, ada.email)]
    assert words == words[:1] * 3
    await link(mails, ada.email, CHOOSE)
    wait_until(lambda: nothing_waits(folder), "the mails are sent")
    assert subjects(mails, stranger) == []
    assert subjects(mails, ada.email).count(CHOOSE) == 1


@pytest.mark.parametrize("script", [True, False])
async def test_link_opened_by_a_program_that_looks_at_mails_still_works_for_the_person_and_then_no_more(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await forgetful(browsers, script=script)
    found = await asks_for_password(mails, ada)
    await look_at_it(found)
    await ada.open(found)
    await ada.fill(**{"New password": NEW})
    await ada.press("Set new password")
    await ada.stands_on(LOGIN)
    await ada.is_told("Your password is changed, and every device is signed out.")

    await ada.page.go_back()
    await ada.sees(DEAD)
    await ada.open(found)
    await ada.sees(DEAD)
    await ada.follow("Ask for a new link")
    await ada.stands_on("/forgot")
    await ada.open(LOGIN)
    await ada.sign_in(password=NEW)
    await ada.stands_on(DASHBOARD)


async def look_at_it(found: str) -> None:
    """Open a link as a program does that looks for viruses: by a request of its own, twice, and for its head alone."""
    async with httpx.AsyncClient(timeout=PATIENCE) as scanner:
        for method in ("GET", "HEAD", "GET"):
            answer = await scanner.request(method, found)
            assert answer.status_code == HTTPStatus.OK


@pytest.mark.parametrize("script", [True, False])
async def test_weak_password_is_refused_at_its_field_and_the_link_stays_good(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await forgetful(browsers, script=script)
    await ada.open(await asks_for_password(mails, ada))
    new = ada.page.get_by_label("New password", exact=True)
    await new.fill("12345678")
    await ada.press("Set new password")
    await expect(new).to_have_attribute("aria-invalid", "true")
    await expect(new).to_have_accessible_description(await ada.page.locator("#new-error").inner_text())
    await expect(new).to_have_value("")
    await expect(new).to_be_focused()
    await new.fill(NEW)
    await ada.press("Set new password")
    await ada.stands_on(LOGIN)


@pytest.mark.parametrize("script", [True, False])
async def test_button_pressed_twice_sets_the_password_once(
    browsers: Browsers, mails: SmtpServer, *, script: bool
) -> None:
    ada = await forgetful(browsers, script=script)
    await ada.open(await asks_for_password(mails, ada))
    await ada.fill(**{"New password": NEW})
    sent = await press_twice(ada.button("Set new password"), "/reset/*")
    await ada.stands_on(LOGIN)
    # A browser without a script may take the first back for the second; the link is good for one of them.
    assert len(sent) == 1 or not script
    await ada.is_told("Your password is changed, and every device is signed out.")
    await ada.sign_in(password=NEW)
    await ada.stands_on(DASHBOARD)
