"""What a person does in a browser: opens pages, fills fields by their labels, presses buttons by their words."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from journeys.browsers import Browsers
from pages import PASSWORD, new_email, token_in
from playwright.async_api import BrowserContext, Error, Locator, Page, Route, expect

LOGIN, DASHBOARD, DEVICES, CONFIRM = "/login", "/dashboard", "/settings/sessions", "/confirm"
PROFILE, PASSWORD_PAGE, DATA = "/settings/profile", "/settings/password", "/settings/data"
HISTORY = "/settings/history"
# The way to them from the dashboard.
SEE_DEVICES = "See every device that is signed in"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.1 Mobile/15E148 Safari/604.1"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
# What Chromium says where the page that is left goes elsewhere by itself, as those do whose session was just ended.
TURNED = ("interrupted by another navigation", "ERR_ABORTED")


@dataclass
class Person:
    """Somebody in front of a browser's tab."""

    page: Page
    email: str = field(default_factory=new_email)

    async def open(self, path: str) -> None:
        """Go to a page by its address; where the one that is open turns meanwhile, go on from where that has led."""
        left = self.page.url
        try:
            await self.page.goto(path)
        except Error as error:
            if not any(words in error.message for words in TURNED):
                raise
            # Still on its way: what is begun before it has arrived would be interrupted as well, or be lost.
            await self.page.wait_for_url(lambda url: url != left)
            await self.page.goto(path)

    async def register(self, name: str = "Ada Lovelace") -> None:
        """Make an account, which signs in."""
        await self.open("/register")
        await self.fill(Name=name, Email=self.email, Password=PASSWORD)
        await self.press("Create account")
        await self.stands_on(DASHBOARD)

    async def sign_in(self, *, remember: bool = False, password: str = PASSWORD) -> None:
        """Fill the sign-in form that is open, and send it."""
        await self.fill(Email=self.email, Password=password)
        if remember:
            await self.page.get_by_label("Keep me signed in").check()
        await self.press("Sign in", within="main")

    async def tries(self, password: str) -> None:
        """Sign in with a wrong password, and wait until the answer is on the page, which takes the password away."""
        await self.sign_in(password=password)
        # An answer that was heard is not yet shown: what is typed before it is would be gone with the form it is in.
        await expect(self.page.get_by_label("Password", exact=True)).to_have_value("")

    async def fill(self, **fields: str) -> None:
        """Fill fields by their labels."""
        for label, text in fields.items():
            await self.page.get_by_label(label, exact=True).fill(text)

    async def press(self, words: str, within: str = "body", **options: Any) -> None:
        """Press a button."""
        await self.button(words, within).click(**options)

    def button(self, words: str, within: str = "body") -> Locator:
        """Find the button with exactly these words, as a screen reader would."""
        return self.page.locator(within).get_by_role("button", name=words, exact=True)

    async def follow(self, words: str) -> None:
        """Follow a link."""
        await self.page.get_by_role("link", name=words, exact=True).click()

    async def stands_on(self, address: str) -> None:
        """Wait until the tab shows ``address``, a path with its query."""
        # Playwright's expect() looks again after half a second and then a second; these waits hear of it at once.
        await self.page.wait_for_url(lambda url: without_origin(url) == address, wait_until="domcontentloaded")

    async def sees(self, words: str, within: str = "main") -> None:
        """Wait until these words are on the page."""
        await self.page.locator(within).filter(has_text=words).first.wait_for()

    async def is_told(self, words: str) -> None:
        """Wait until these words stand in the live region."""
        await self.sees(words, within="#notices")

    async def sees_devices(self, count: int) -> None:
        """Wait until the device page says and shows how many there are."""
        await self.sees("1 device is signed in" if count == 1 else f"{count} devices are signed in")
        await expect(self.page.locator("#sessions li.session")).to_have_count(count)

    async def has_focus_in(self, selector: str) -> None:
        """Wait until the element with the focus is ``selector`` or lies within it."""
        # An answer may be seen a moment before the focus is where it leads: a script gives it back afterwards.
        await self.page.wait_for_function("selector => !!document.activeElement.closest(selector)", arg=selector)


async def press_twice(button: Locator, path: str) -> list[str]:
    """Press a button twice before the first time is answered: an answer may put another button in its place.

    Gives the addresses that a form was sent to; ``path`` is a pattern that these are like.
    """
    pressed, sent = asyncio.Event(), list[str]()

    async def hold(route: Route) -> None:
        sent.append(route.request.url)
        await pressed.wait()
        await route.continue_()

    await button.page.route(f"**{path}", hold)
    await button.dblclick()
    pressed.set()
    return sent


def without_origin(url: str) -> str:
    """Return an address as it stands in the contract: its path and its query."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


async def newcomer(browsers: Browsers, email: str = "", **options: Any) -> Person:
    """Return somebody with a new account, signed in, in a browser of their own."""
    person = Person(await browsers.open(**options), email or new_email())
    await send(person.page.context, "/register", name="Ada Lovelace", email=person.email, password=PASSWORD)
    return person


async def elsewhere(browsers: Browsers, person: Person, **options: Any) -> Person:
    """Return the same person in another browser, signed in."""
    context = await signed_in_elsewhere(browsers, person, **options)
    return Person(await context.new_page(), person.email)


async def signed_in_elsewhere(
    browsers: Browsers,
    person: Person,
    *,
    remember: bool = False,
    **options: Any,
) -> BrowserContext:
    """Sign the same person in in another browser, in which nobody looks at a page."""
    context = await browsers.start(**options)
    ticked = {"remember": "y"} if remember else {}
    await send(context, "/login", email=person.email, password=PASSWORD, **ticked)
    return context


async def is_out(context: BrowserContext) -> bool:
    """Whether nobody is signed in in a browser any more."""
    answer = await context.request.get(DASHBOARD, max_redirects=0)
    return answer.headers.get("location") == f"{LOGIN}?next={DASHBOARD}"


async def send(context: BrowserContext, path: str, *, page: str = "", **fields: str) -> None:
    """Send a form of a page without showing it, for journeys that are about something else."""
    token = token_in(await (await context.request.get(page or path)).text())
    answer = await context.request.post(path, form={"csrf_token": token, **fields}, max_redirects=0)
    assert answer.status in {HTTPStatus.SEE_OTHER, HTTPStatus.OK}, await answer.text()


async def session_cookie(context: BrowserContext) -> dict[str, Any] | None:
    """Return the session cookie that a browser keeps."""
    return next((dict(cookie) for cookie in await context.cookies() if cookie.get("name") == "session"), None)


async def carry(context: BrowserContext, url: str, cookie: dict[str, Any] | None) -> None:
    """Have a browser keep a copy of a session cookie for the site at ``url``."""
    assert cookie is not None
    await context.add_cookies([{"name": "session", "value": cookie["value"], "url": url}])
