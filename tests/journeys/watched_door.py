"""Pictures of what tells of sign-ins: the history, "was this you?", waits, ends and their mails; no tests."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from journeys.browsers import Browsers
from journeys.household import coming_from
from journeys.inbox import MANY_TRIES, NEW_SIGN_IN, TRIES_LIMIT, TWO_PLACES, letter, link
from journeys.people import (
    DASHBOARD,
    DEVICES,
    HISTORY,
    IPHONE,
    LOGIN,
    WINDOWS,
    Person,
    carry,
    elsewhere,
    send,
    session_cookie,
)
from journeys.pictures import take
from journeys.streams.watching import turns
from journeys.waiting import history_tells, let_a_renewal_come, let_the_grace_pass, mails_have_left
from own_redis import StandaloneRedis
from pages import PASSWORD, token_in
from playwright.async_api import expect
from smtp_server import SmtpServer, part_of

from webapp.history.model import now

# What happened before the pictures: hours ago, kind, device, address, place, and the rest.
PAST = (
    (26, "failed", "", "198.51.100.0/24", "", '{"count": "3"}'),
    (27, "ended", "computer:Edge on Windows", "198.51.100.0/24", "", '{"reason": "idle", "after": "3600"}'),
    (29, "signed-in", "computer:Edge on Windows", "198.51.100.0/24", "", '{"method": "password"}'),
    (52, "password-changed", "computer:Firefox on Linux", "203.0.113.0/24", "Berlin, Germany", "{}"),
    (53, "ended", "phone:Chrome on Pixel 8", "192.0.2.0/24", "", '{"reason": "two-places"}'),
    (75, "ended", "computer:Edge on Windows", "198.51.100.0/24", "", '{"reason": "limit", "by": "Safari on iPhone"}'),
    (310, "name-changed", "computer:Firefox on Linux", "203.0.113.0/24", "Berlin, Germany", '{"name": "Ada Lovelace"}'),
    (900, "signed-in", "phone:Chrome on Pixel 8", "192.0.2.0/24", "", '{"method": "password"}'),
)
INSERT = (
    "INSERT INTO event (id, account_id, at, kind, device, address, place, body)"
    " SELECT 'past' || ?, id, ?, ?, ?, ?, ?, ? FROM account WHERE email_key = ?"
)
BERLIN, CAFE = coming_from("203.0.113.84"), coming_from("192.0.2.77")
# Two networks may try so often, which is when a mail is due.
GUESSERS, TRIES, ROW = ("198.51.100.61", "192.0.2.62"), 5, "throttle:{tries}:failures:*"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what is to be seen: a visitor, and Ada, who is signed in."""

    browsers: Browsers
    visitor: Person
    ada: Person
    mails: SmtpServer
    redis: StandaloneRedis
    folder: Path


async def take_all(scene: Scene) -> None:
    """Take them one after the other; afterwards nobody is signed in."""
    await _take_history(scene)
    await _take_devices(scene)
    await _take_was_this_you(scene)
    await _take_waits(scene)
    await _take_two_places(scene)


async def _take_history(scene: Scene) -> None:
    ada, begun = scene.ada, now()
    rows = [
        (number, (begun - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.%f"), *rest, ada.email)
        for number, (hours, *rest) in enumerate(PAST)
    ]
    with closing(sqlite3.connect(scene.folder / "accounts.sqlite3", timeout=10)) as db, db:
        db.executemany(INSERT, rows)
    await history_tells(ada, "Account created")
    await take(ada.page, "history", "wide", "dark")
    await take(ada.page, "history", "narrow", whole=False)
    await ada.open(f"{HISTORY}?from=1.first")
    await take(ada.page, "history-empty", "narrow")


async def _take_devices(scene: Scene) -> None:
    ada = scene.ada
    await ada.page.context.clear_cookies(name="session")
    library = await scene.browsers.start(user_agent=WINDOWS, extra_http_headers=CAFE)
    await send(library, LOGIN, email=ada.email, password=PASSWORD, shared="y")
    await ada.open(f"{LOGIN}?next={DEVICES}")
    await ada.sign_in()
    await ada.stands_on(DEVICES)
    await ada.page.get_by_text("1 earlier sign-in of this browser").click()
    await take(ada.page, "devices-earlier", "wide", "narrow")


async def _take_was_this_you(scene: Scene) -> None:
    # Those of earlier sign-ins have to be there, to tell them from the one that is to be shown.
    await history_tells(scene.ada, "Firefox on Windows")
    await mails_have_left(scene.folder, scene.ada.email)
    before = sum(each["Subject"] == NEW_SIGN_IN for each in scene.mails.messages if each["To"] == scene.ada.email)
    # Told at the next page: this one hears nothing by itself.
    phone = await elsewhere(scene.browsers, scene.ada, hears=False, user_agent=IPHONE, extra_http_headers=BERLIN)
    await phone.open(DASHBOARD)
    await scene.visitor.open(await link(scene.mails, scene.ada.email, NEW_SIGN_IN, before + 1))
    await take(scene.visitor.page, "not-me", "wide", "narrow")
    await _take_mail(scene, NEW_SIGN_IN, "mail-new-sign-in", "narrow", "dark")
    await scene.ada.open(DEVICES)
    await scene.ada.press("Sign out of all others")
    await scene.ada.page.locator("dialog[open] button[value=confirm]").click()
    await scene.ada.is_told("Signed out:")
    await phone.open(DASHBOARD)
    await phone.is_told("You were signed out here")
    await take(phone.page, "login-told", "narrow")


async def _take_waits(scene: Scene) -> None:
    one, guesser = [await _guess(scene, address) for address in GUESSERS]
    await one.page.close()
    await guesser.sign_in()
    await guesser.sees("Too many tries.")
    # Once a second it counts.
    await expect(guesser.page.get_by_role("timer")).to_contain_text(":")
    await take(guesser.page, "login-wait", "wide", "narrow")
    await _take_mail(scene, MANY_TRIES, "mail-many-failed-tries", "wide")
    (row,) = [
        each for each in scene.redis.cli("KEYS", ROW) if scene.redis.cli("GET", each) == str(len(GUESSERS) * TRIES)
    ]
    scene.redis.cli("INCRBY", row, 99 - len(GUESSERS) * TRIES)
    stranger = Person(await scene.browsers.open(extra_http_headers=BERLIN), scene.ada.email)
    await stranger.open(LOGIN)
    await stranger.sign_in(password="wrong")
    await stranger.sees("The email or the password is not right.")
    await stranger.sign_in(password="wrong")
    await stranger.sees("There were too many wrong passwords")
    await take(stranger.page, "login-refused", "narrow")
    await _take_mail(scene, TRIES_LIMIT, "mail-tries-limit-reached", "wide")


async def _guess(scene: Scene, address: str) -> Person:
    guesser = Person(await scene.browsers.open(extra_http_headers=coming_from(address)), scene.ada.email)
    await guesser.open(LOGIN)
    token = token_in(await guesser.page.content())
    for _ in range(TRIES):
        await guesser.page.context.request.post(
            LOGIN, form={"csrf_token": token, "email": guesser.email, "password": "wrong"}
        )
    return guesser


async def _take_two_places(scene: Scene) -> None:
    ada = scene.ada
    context = await scene.browsers.start(extra_http_headers=CAFE)
    await carry(context, scene.browsers.url, await session_cookie(ada.page.context))
    let_a_renewal_come(scene.redis)
    for path in (DASHBOARD, DEVICES):
        await ada.open(path)
    let_the_grace_pass(scene.redis)
    thief = await context.new_page()
    await thief.goto(DASHBOARD)
    # The page that was open turns by itself.
    await turns(ada, DEVICES, "used in two places")
    await take(ada.page, "turned-two-places", "dark")
    await _take_mail(scene, TWO_PLACES, "mail-used-in-two-places", "wide")


async def _take_mail(scene: Scene, subject: str, name: str, *looks: str) -> None:
    page = await scene.browsers.open()
    await page.set_content(part_of(await letter(scene.mails, scene.ada.email, subject), "html"))
    await take(page, name, *looks)
    await page.close()
