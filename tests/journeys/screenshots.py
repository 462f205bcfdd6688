"""Makes the pictures of docs/screenshots: ``python tests/journeys/screenshots.py``.

Every page is taken wide, on a narrow phone, and in the dark, from a real server with a sample household; of a state of
a page only the looks that show it best, which keeps all of them below 7 MB. Look at each of them afterwards; no test
can.
"""
# ruff: noqa: E402  (started as a script, it has to say first where the rest is found)

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from gatehouse import Gatehouse
from journeys import pictures, turned_pages, watched_door
from journeys.browsers import Browsers, chromium
from journeys.household import arrive, coming_from, settle_in
from journeys.inbox import CONFIRM_NEW_EMAIL, asks_for_password, link, moves
from journeys.people import CONFIRM, DASHBOARD, DATA, DEVICES, LOGIN, PASSWORD_PAGE, PROFILE, Person, send
from journeys.pictures import take
from journeys.waiting import let_the_window_pass
from own_redis import StandaloneRedis, any_binary
from pages import PASSWORD
from place_files import BERLIN, GERMANY, write_places
from playwright.async_api import expect
from smtp_server import SmtpServer

# Of networks that are kept for documents; of the others no place is known, as it often is.
PLACES = {"203.0.113.0/24": BERLIN, "2001:db8::/32": GERMANY}


async def main() -> None:
    """Start everything, take the pictures, and stop it again."""
    pictures.FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))
        redis = StandaloneRedis(folder, any_binary())
        stack.callback(redis.stop)
        mails = stack.enter_context(SmtpServer())
        places = write_places(folder / "places.mmdb", PLACES)
        gatehouse = Gatehouse(folder, redis.url, TRUSTED_PROXY="1", MAIL_URL=mails.url, GEOIP_DB=str(places))
        stack.callback(gatehouse.stop)
        async with chromium() as launched:
            browsers = Browsers(launched, gatehouse.url)
            visitor = Person(await browsers.open(extra_http_headers=coming_from("192.0.2.9")))
            ada = await arrive(browsers)
            await _take_guest_pages(visitor)
            await _take_what_is_unconfirmed(ada)
            await settle_in(browsers, ada, redis.url, mails)
            await _take_member_pages(ada)
            await _take_what_asks(ada, redis)
            await _take_what_comes_by_mail(visitor, ada, mails)
            await watched_door.take_all(watched_door.Scene(browsers, visitor, ada, mails, redis, folder))
            await turned_pages.take_all(browsers, redis)
            await browsers.close()


async def _take_guest_pages(visitor: Person) -> None:
    pages = {"home": "/", "login": LOGIN, "register": "/register", "forgot": "/forgot", "not-found": "/nowhere"}
    for name, path in {**pages, "dead-link": "/reset/dead"}.items():
        await visitor.open(path)
        await take(visitor.page, name)
    await _refused(visitor)
    await take(visitor.page, "register-refused", "wide", "narrow")
    await visitor.open("/forgot")
    await visitor.fill(Email="ada@example.com")
    await visitor.press("Send me a link")
    await visitor.sees("Look into your mail")
    await take(visitor.page, "forgotten", "narrow")


async def _take_what_is_unconfirmed(ada: Person) -> None:
    await ada.open(DASHBOARD)
    await take(ada.page, "unconfirmed", "wide", "narrow", whole=False)


async def _take_member_pages(ada: Person) -> None:
    pages = {"dashboard": DASHBOARD, "devices": DEVICES, "confirm": CONFIRM}
    settings = {"profile": PROFILE, "password": PASSWORD_PAGE}
    for name, path in {**pages, **settings}.items():
        await ada.open(path)
        await take(ada.page, name)
    await ada.open(DATA)
    await take(ada.page, "data", "wide")
    # As long as it is, its top says enough of the rest.
    await take(ada.page, "data", "narrow", "dark", whole=False)
    await ada.open(DEVICES)
    await ada.press("Sign out of Edge on Windows")
    await ada.is_told("Signed out: Edge on Windows.")
    await take(ada.page, "devices-ended", "wide")
    await ada.press("Sign out of all others")
    await take(ada.page, "devices-question", "narrow", "dark", whole=False)


async def _take_what_asks(ada: Person, redis: StandaloneRedis) -> None:
    let_the_window_pass(redis)
    await ada.open(DEVICES)
    await ada.press("Sign out of Safari on iPhone")
    await expect(ada.page.get_by_role("dialog", name="Confirm it is you")).to_be_visible()
    await take(ada.page, "confirm-here", whole=False)
    await ada.open(PROFILE)
    await ada.fill(**{"New email": "ada.lovelace@example.net"})
    await ada.press("Change email")
    await expect(ada.page.locator("#email-password-error")).to_be_visible()
    await take(ada.page, "profile-asks", "wide")


async def _take_what_comes_by_mail(visitor: Person, ada: Person, mails: SmtpServer) -> None:
    await visitor.open(await asks_for_password(mails, ada))
    await take(visitor.page, "reset")
    # The window in which the password counts as confirmed has passed.
    await send(ada.page.context, CONFIRM, password=PASSWORD)
    new = "ada.lovelace@example.net"
    await send(ada.page.context, "/settings/email", page=PROFILE, email=new)
    await ada.open(PROFILE)
    await take(ada.page, "profile-pending", "narrow")
    await visitor.open(await link(mails, new, CONFIRM_NEW_EMAIL))
    await take(visitor.page, "confirm-email", "narrow")
    await visitor.open(await moves(mails, ada, "augusta@example.org"))
    await take(visitor.page, "restore-email", "wide")


async def _refused(visitor: Person) -> None:
    await visitor.open("/register")
    await visitor.fill(Name="Ada Lovelace", Email="ada@", Password="ada")
    await visitor.press("Create account")
    await expect(visitor.page.locator("#email-error")).to_be_visible()
    await expect(visitor.page.locator("#strength")).to_be_visible()


if __name__ == "__main__":
    asyncio.run(main())
