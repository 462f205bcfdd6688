"""Makes the pictures of docs/screenshots: ``python tests/journeys/screenshots.py``.

Every page is taken wide, on a narrow phone, and in the dark, from a real server with a sample household; of a state of
a page only the looks that show it best, which keeps all of them below 2 MB. Look at each
of them afterwards; no test can.
"""
# ruff: noqa: E402  (started as a script, it has to say first where the rest is found)

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from gatehouse import Gatehouse
from journeys.browsers import Browsers, chromium
from journeys.household import coming_from, move_in
from journeys.people import CONFIRM, DASHBOARD, DEVICES, LOGIN, Person
from own_redis import StandaloneRedis, any_binary
from playwright.async_api import Page, expect

FOLDER = ROOT / "docs" / "screenshots"
HEIGHT = 800
Scheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[int, Scheme]] = {"wide": (1280, "light"), "narrow": (360, "light"), "dark": (1280, "dark")}


async def main() -> None:
    """Start everything, take the pictures, and stop it again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))
        redis = StandaloneRedis(folder, any_binary())
        stack.callback(redis.stop)
        gatehouse = Gatehouse(folder, redis.url, TRUSTED_PROXY="1")
        stack.callback(gatehouse.stop)
        async with chromium() as launched:
            browsers = Browsers(launched, gatehouse.url)
            await _take_all(browsers, redis.url)
            await browsers.close()


async def _take_all(browsers: Browsers, redis_url: str) -> None:
    visitor = Person(await browsers.open(extra_http_headers=coming_from("192.0.2.9")))
    for name, path in (("home", "/"), ("login", LOGIN), ("register", "/register"), ("not-found", "/nowhere")):
        await visitor.open(path)
        await _take(visitor.page, name)
    await _refused(visitor)
    await _take(visitor.page, "register-refused", "wide", "narrow")
    ada = await move_in(browsers, redis_url)
    for name, path in (("dashboard", DASHBOARD), ("devices", DEVICES), ("confirm", CONFIRM)):
        await ada.open(path)
        await _take(ada.page, name)
    await ada.open(DEVICES)
    await ada.press("Sign out of Edge on Windows")
    await ada.is_told("Signed out: Edge on Windows.")
    await _take(ada.page, "devices-ended", "wide")
    await ada.press("Sign out of all others")
    await _take(ada.page, "devices-question", "narrow", "dark", whole=False)


async def _refused(visitor: Person) -> None:
    await visitor.open("/register")
    await visitor.fill(Name="Ada Lovelace", Email="ada@", Password="ada")
    await visitor.press("Create account")
    await expect(visitor.page.locator("#email-error")).to_be_visible()
    await expect(visitor.page.locator("#strength")).to_be_visible()


async def _take(page: Page, name: str, *looks: str, whole: bool = True) -> None:
    for look in looks or LOOKS:
        width, scheme = LOOKS[look]
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=whole, caret="hide")


if __name__ == "__main__":
    asyncio.run(main())
