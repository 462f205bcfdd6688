"""The history page with 500 entries, as somebody with a full one uses it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from journeys.browsers import Browsers
from journeys.measuring import overflow, small_targets
from journeys.people import DASHBOARD, HISTORY, Person, newcomer, without_origin
from journeys.waiting import history_tells
from playwright.async_api import expect

from webapp.history.model import now

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENTRIES = 500
# One line more tells of one's own registration.
PAGES = ENTRIES // 50 + 1
OLDER = "Older"
MOST_STOPS = 25
INSERT = (
    "INSERT INTO event (id, account_id, at, kind, device, address, place, body)"
    " SELECT ? || account.id, account.id, ?, 'ended', 'computer:' || ?, '2001:db8:1234::/48', ?, ? FROM account"
    " WHERE email_key = ?"
)
LONG_LABEL, LONG_PLACE = "W" * 50, "Llanfairpwllgwyngyll, United Kingdom"
LATEST, LONGEST_AGO = "Signed out from device 0", f"Signed out from device {ENTRIES - 1}"


@pytest_asyncio.fixture(loop_scope="session")
async def ada(browsers: Browsers, folder: Path) -> Person:
    """Return somebody to whose account much has happened in the last weeks."""
    ada = await newcomer(browsers, viewport={"width": 360, "height": 740}, color_scheme="dark")
    # Written in the background: it would begin the page after the one that was read without it.
    await history_tells(ada, "Account created")
    begun = now() - timedelta(hours=1)
    rows = [
        (
            f"{number:04}",
            (begun - timedelta(hours=4 * number)).strftime("%Y-%m-%d %H:%M:%S.%f"),
            LONG_LABEL,
            LONG_PLACE,
            f'{{"reason": "elsewhere", "by": "device {number}"}}',
            ada.email,
        )
        for number in range(ENTRIES)
    ]
    with closing(sqlite3.connect(folder / "accounts.sqlite3", timeout=10)) as db, db:
        db.executemany(INSERT, rows)
    return ada


async def test_older_lines_are_loaded_in_place_down_to_the_last(ada: Person) -> None:
    await ada.open(HISTORY)
    lines = ada.page.locator("li.event")
    await expect(ada.page.get_by_text(LATEST, exact=True)).to_be_visible()
    while await ada.button(OLDER).count():
        before = await lines.count()
        await ada.press(OLDER)
        await expect(lines.nth(before)).to_be_attached()
        await ada.has_focus_in("h2")
    await expect(ada.page.get_by_text(LONGEST_AGO, exact=True)).to_be_visible()
    ids = await ada.page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))
    assert len([each for each in ids if each.startswith("event-0")]) == ENTRIES
    assert await overflow(ada.page) <= 0
    assert await small_targets(ada.page) == []


async def test_pages_lead_on_and_back_to_the_newest_without_javascript(ada: Person, browsers: Browsers) -> None:
    state = await ada.page.context.storage_state()
    reader = Person(await browsers.open(java_script_enabled=False, storage_state=state), ada.email)
    await reader.open(HISTORY)
    pages, seen = 1, await reader.page.locator('[id^="event-0"]').count()
    while await reader.button(OLDER).count():
        following = await reader.page.locator('input[name="from"]').input_value()
        await reader.press(OLDER)
        await reader.stands_on(f"{HISTORY}?from={following.replace(':', '%3A')}")
        pages, seen = pages + 1, seen + await reader.page.locator('[id^="event-0"]').count()
    assert (pages, seen) == (PAGES, ENTRIES)
    await reader.follow("Newest")
    await reader.stands_on(HISTORY)
    await reader.sees(LATEST)


async def test_back_button_leads_to_the_page_before_without_javascript(ada: Person, browsers: Browsers) -> None:
    state = await ada.page.context.storage_state()
    reader = Person(await browsers.open(java_script_enabled=False, storage_state=state), ada.email)
    await reader.open(HISTORY)
    await reader.press(OLDER)
    await reader.sees("Signed out from device 60")
    second = without_origin(reader.page.url)
    await reader.press(OLDER)
    await reader.sees("Signed out from device 110")
    await reader.page.go_back()
    await reader.stands_on(second)
    await reader.sees("Signed out from device 60")
    await reader.page.go_back()
    await reader.stands_on(HISTORY)
    await reader.sees(LATEST)
    await reader.page.go_forward()
    await reader.stands_on(second)


async def test_back_button_finds_the_newest_again_after_older_ones_were_loaded(ada: Person) -> None:
    await ada.open(HISTORY)
    await ada.press(OLDER)
    await ada.sees("Signed out from device 60")
    # What was loaded in place made no address of its own.
    await ada.stands_on(HISTORY)
    await ada.open(DASHBOARD)
    await ada.page.go_back()
    await ada.stands_on(HISTORY)
    await ada.sees(LATEST)
    await ada.press(OLDER)
    await ada.sees("Signed out from device 60")


async def test_whole_history_is_read_by_keyboard(ada: Person) -> None:
    await ada.open(HISTORY)
    older = ada.button(OLDER)
    await ada.page.keyboard.press("Tab")
    presses = 1
    while not await older.evaluate("each => each === document.activeElement"):
        await ada.page.keyboard.press("Tab")
        presses += 1
    # The header, the settings and a link to the password; a line of the history is no stop of its own.
    assert presses < MOST_STOPS
    await ada.page.keyboard.press("Enter")
    await ada.has_focus_in("h2")
    fresh = ada.page.locator("h2:focus")
    await expect(fresh).to_be_in_viewport()
    await expect(ada.page.locator(".history .history")).to_contain_text("Signed out from device 60")
    # The next stop from there is the next button; what was read is not gone through again.
    await ada.page.keyboard.press("Tab")
    assert await older.evaluate("each => each === document.activeElement")
    await ada.page.keyboard.press("Enter")
    await ada.sees("Signed out from device 110")
