"""Where a page that turns leads back to: never to an address from a mail, and on a shared computer to nobody's page."""

import pytest
from journeys.browsers import Browsers
from journeys.inbox import asks_for_password
from journeys.people import DASHBOARD, DEVICES, LOGIN, elsewhere, newcomer, send
from journeys.streams.watching import ENDED, is_untouched, of_stream, watches
from pages import PASSWORD
from playwright.async_api import Request, expect
from smtp_server import SmtpServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_address_from_a_mail_stands_in_no_other_one(browsers: Browsers, mails: SmtpServer) -> None:
    ada = await newcomer(browsers)
    found = await asks_for_password(mails, ada)
    await watches(ada, found)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    ada.page.on("request", note)
    laptop = await elsewhere(browsers, ada)
    await laptop.open(DEVICES)
    await laptop.press("Sign out of all others")
    await laptop.press("Sign out of 1 device", within="dialog[open]")
    await ada.page.wait_for_url(f"**{ENDED}")
    await ada.sees("signed out")
    assert [url for url in asked if found.rpartition("/")[2] in url] == []


async def test_page_of_before_a_sign_in_on_a_shared_computer_offers_itself_to_nobody(browsers: Browsers) -> None:
    ada = await newcomer(browsers)
    await watches(ada, DASHBOARD)
    await expect(ada.page.locator("#again")).to_have_count(1)
    async with ada.page.expect_response(of_stream):
        await send(ada.page.context, LOGIN, email=ada.email, password=PASSWORD, shared="y")
    await expect(ada.page.locator("#again")).to_have_count(0)
    await is_untouched(ada)
