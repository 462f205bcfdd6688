"""Every page by keyboard, on narrow screens, enlarged, and in both colour schemes (WCAG 2.2 AA)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import pytest
import pytest_asyncio
from gatehouse import Gatehouse
from journeys.browsers import Browsers
from journeys.inbox import CONFIRM_EMAIL, CONFIRM_NEW_EMAIL, NEW_SIGN_IN, asks_for_password, link, moves, proves_email
from journeys.measuring import faint_texts, overflow, small_targets, tab_stops
from journeys.people import (
    CONFIRM,
    DASHBOARD,
    DATA,
    DEVICES,
    HISTORY,
    IPHONE,
    LOGIN,
    PASSWORD_PAGE,
    PROFILE,
    Person,
    newcomer,
    send,
    signed_in_elsewhere,
)
from pages import PASSWORD, new_email
from playwright.async_api import Browser, expect
from smtp_server import SmtpServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

GUEST_PAGES = ("/", LOGIN, "/register", "/forgot", "/reset/dead", "/nowhere")
MEMBER_PAGES = (DASHBOARD, PROFILE, PASSWORD_PAGE, DEVICES, HISTORY, DATA, CONFIRM, "/nowhere")
# No space to break at, in an email as long as they get in practice.
LONG_NAME, LONG_EMAIL = "Wolfeschlegelsteinhausenbergerdorff" * 2, f"{'a' * 50}.{{}}@{'b' * 60}.example.test"
NARROW = (360, 320)
# Pixels; half of 1280 is what one sees of it at 200 %.
ENLARGED = 640

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

Look = Callable[[Person], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Everybody:
    """A visitor and a member, who see all pages between them; ``links`` have come by mail.

    The member has two devices, one of them signed in twice.
    """

    visitor: Person
    member: Person
    links: tuple[str, ...]

    async def look(self, look: Look) -> None:
        """Have a look at every page."""
        for path in (*GUEST_PAGES, *self.links):
            await self.visitor.open(path)
            await look(self.visitor)
        for state in (with_faults, who_has_forgotten, who_has_to_wait):
            await state(self.visitor)
            await look(self.visitor)
        for path in MEMBER_PAGES:
            await self.member.open(path)
            await look(self.member)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def everybody(browser: Browser, gatehouse: Gatehouse, mails: SmtpServer) -> AsyncIterator[Everybody]:
    """Give two people whose pages fade nothing in, so that a colour is never measured on its way to another."""
    opened = Browsers(browser, gatehouse.url)
    visitor = Person(await opened.open(reduced_motion="reduce"))
    member = await newcomer(opened, reduced_motion="reduce")
    await signed_in_elsewhere(opened, member, user_agent=IPHONE)
    await member.page.context.clear_cookies(name="session")
    await send(member.page.context, LOGIN, email=member.email, password=PASSWORD)
    # Their profile tells of an address that waits for its link.
    new = new_email()
    await send(member.page.context, "/settings/email", page=PROFILE, email=new)
    letters = ((member.email, CONFIRM_EMAIL), (new, CONFIRM_NEW_EMAIL), (member.email, NEW_SIGN_IN))
    links = [await link(mails, *letter) for letter in letters]
    other = await newcomer(opened)
    await proves_email(mails, other)
    links += [await moves(mails, other, new_email()), await asks_for_password(mails, other)]
    yield Everybody(visitor, member, tuple(links))
    await opened.close()
    assert opened.complaints == []


async def with_faults(visitor: Person) -> None:
    await visitor.open("/register")
    await visitor.fill(Name="A" * 80, Email="no email", Password="abc")
    await visitor.press("Create account")
    await expect(visitor.page.locator("#email-error")).to_be_visible()


async def who_has_forgotten(visitor: Person) -> None:
    await visitor.open("/forgot")
    await visitor.fill(Email=new_email())
    await visitor.press("Send me a link")
    await visitor.sees("Look into your mail")


async def who_has_to_wait(visitor: Person) -> None:
    await visitor.open(LOGIN)
    while not await visitor.page.get_by_role("timer").count():
        async with visitor.page.expect_response(lambda response: response.request.method == "POST"):
            await visitor.sign_in(password="not the password")
        await expect(visitor.page.locator("#form-problem")).to_be_visible()


async def test_tab_key_reaches_everything_with_a_visible_focus(everybody: Everybody) -> None:
    async def look(person: Person) -> None:
        reachable, stops = await tab_stops(person.page)
        assert {stop.number for stop in stops} == reachable
        assert [stop for stop in stops if not stop.visible] == []

    await everybody.look(look)


async def test_skip_link_is_first_and_leads_to_the_content(browsers: Browsers) -> None:
    visitor = Person(await browsers.open())
    await visitor.open("/")
    await visitor.page.keyboard.press("Tab")
    skip = visitor.page.get_by_role("link", name="Skip to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.locator("main")).to_be_focused()


async def test_device_is_put_out_by_keyboard_alone(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    for _ in range(30):
        await ada.page.keyboard.press("Tab")
        if await ada.button("Sign out of Safari on iPhone").evaluate("each => each === document.activeElement"):
            break
    await ada.page.keyboard.press("Enter")
    await ada.is_told("Signed out: Safari on iPhone.")
    await ada.has_focus_in("#sessions :is(h2, h3)")


async def test_narrow_screen_needs_no_sideways_scrolling(everybody: Everybody) -> None:
    async def look(person: Person) -> None:
        for details in await person.page.locator("summary").all():
            await details.click()
        for width in (ENLARGED, *NARROW):
            await person.page.set_viewport_size({"width": width, "height": 800})
            assert await overflow(person.page) <= 0, (person.page.url, width)
            assert await small_targets(person.page) == [], (person.page.url, width)

    await everybody.look(look)


async def test_long_words_and_large_letters_need_none_either(browsers: Browsers) -> None:
    person = Person(await browsers.open(viewport={"width": ENLARGED, "height": 800}))
    person.email = LONG_EMAIL.format(person.email.partition("@")[0][-8:])
    await person.register(LONG_NAME)
    for path in MEMBER_PAGES:
        await person.open(path)
        for width in (ENLARGED, *NARROW):
            await person.page.set_viewport_size({"width": width, "height": 800})
            assert await overflow(person.page) <= 0, (path, width)
        await person.page.set_viewport_size({"width": ENLARGED, "height": 800})
        await person.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await overflow(person.page) <= 0, (path, "large letters")


async def test_text_stands_out_from_what_is_behind_it_in_the_light_and_in_the_dark(everybody: Everybody) -> None:
    async def look(person: Person) -> None:
        for scheme in SCHEMES:
            await person.page.emulate_media(color_scheme=scheme)
            assert await faint_texts(person.page) == [], (person.page.url, scheme)

    await everybody.look(look)
