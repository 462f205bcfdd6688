"""What a real browser says of itself when it is asked."""

import pytest
from journeys.browsers import Browsers

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = {"sec-ch-ua-platform-version", "sec-ch-ua-model"}


async def test_browser_names_its_system_with_the_sign_in_once_a_page_has_asked(browsers: Browsers):
    page = await browsers.open()
    first = await page.goto("/login")
    assert first is not None
    assert ASKED.isdisjoint(await first.request.all_headers())
    await page.get_by_label("Email").fill("nobody@example.test")
    await page.get_by_label("Password", exact=True).fill("wrong lanterns")
    async with page.expect_request(lambda request: request.method == "POST") as sent:
        await page.get_by_role("button", name="Sign in").click()
    assert (await (await sent.value).all_headers()).keys() >= ASKED
