"""A real browser behind real proxies, with the server as the Procfile starts it."""

import pytest
from journeys.browsers import Browsers, chromium
from journeys.people import DEVICES, Person
from pages import BROWSER_COOKIE, SESSION_COOKIE, TOLD_COOKIE, VISITOR_COOKIE
from playwright.async_api import expect
from proxies.landscape import NAME, ORIGIN, Landscape


@pytest.mark.parametrize("name", ["nginx", "haproxy-caddy"])
async def test_browser_keeps_secure_cookies_and_is_shown_its_own_address(landscape: Landscape, name: str) -> None:
    route = landscape.route(name)
    # The name is nobody's, so the browser is told where it is.
    here = f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{route.door.https}"
    async with chromium(here) as launched:
        browsers = Browsers(launched, ORIGIN)
        ada = Person(await browsers.open(ignore_https_errors=True))
        await ada.register()
        await ada.open(DEVICES)
        # Where there is IPv6 the last proxy is the server's peer by that: nothing but the browser has this address.
        await expect(ada.page.locator(".address")).to_have_text("127.0.0.1")
        cookies = {cookie["name"]: cookie for cookie in await ada.page.context.cookies()}
        assert {SESSION_COOKIE, BROWSER_COOKIE} <= cookies.keys()
        assert cookies.keys() <= {SESSION_COOKIE, BROWSER_COOKIE, VISITOR_COOKIE, TOLD_COOKIE}
        for cookie in cookies.values():
            assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
            assert (cookie["domain"], cookie["path"]) == (NAME, "/")
        await browsers.close()
        assert browsers.complaints == []
