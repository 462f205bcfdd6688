"""Which browsers an account knows, seen from outside, and guesses that keep all others out."""

import asyncio

from pages import BROWSER_COOKIE, Browser, Site
from thefts import account_id_of

from webapp.redis_connection import open_redis
from webapp.shielding import settle
from webapp.throttle.attempts import FAILURES, SignInAttempts
from webapp.web.browser import shown_browser
from webapp.web.context import settings_of

# Seconds that a sign-in may take to be noted.
PATIENCE = 20


async def guess(site: Site, email: str) -> None:
    """Guess at an account until new browsers are refused."""
    settings = settings_of(site.app)
    async with open_redis(settings) as redis:
        attempts = SignInAttempts(redis, settings.login_limit)
        for number in range(FAILURES):
            await attempts.take(email, f"198.51.{number}.1")


async def knows(site: Site, ada: Browser, browser: Browser) -> bool:
    """Tell whether the account of one browser knows another one."""
    await settle()
    value = browser.client.cookies.get(BROWSER_COOKIE) or ""
    async with site.app.test_request_context("/", headers={"Cookie": f"{BROWSER_COOKIE}={value}"}):
        shown = shown_browser()
    browsers = (await site.services()).browsers
    return shown is not None and await browsers.knows(await account_id_of(site, ada), shown)


async def is_known_at_last(site: Site, ada: Browser, browser: Browser) -> None:
    """Wait until it does."""
    async with asyncio.timeout(PATIENCE):
        while not await knows(site, ada, browser):  # noqa: ASYNC110 - nothing tells that it was noted.
            await asyncio.sleep(0.01)


def browser_cookie(browser: Browser) -> tuple[str, str]:
    """Give what tells a browser from others: its name and its secret."""
    name, secret = browser.client.cookies[BROWSER_COOKIE].split(".")
    return name, secret


def show(browser: Browser, name: str, secret: str) -> None:
    """Have a browser show that."""
    browser.client.cookies.set(BROWSER_COOKIE, f"{name}.{secret}", domain=browser.client.base_url.host, path="/")


async def sign_in_again(site: Site, ada: Browser, browser: Browser) -> None:
    """Close a browser that is signed in to Ada's account, which knows it then, and sign in on it once more."""
    await is_known_at_last(site, ada, browser)
    browser.close()
    await browser.log_in(ada.email)
