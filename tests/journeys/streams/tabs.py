"""A Chromium whose tabs lie in one window: one of them is seen, and the others are hidden, as on anybody's screen.

Playwright keeps every page visible that it opens in a context of its own. In a browser's first context it can be asked
to leave that as it is: what tabs see there of being hidden and shown is Chromium's own doing.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from journeys.browsers import FLAGS, PATIENCE, Browsers
from journeys.people import Person
from playwright.async_api import Browser, BrowserContext, async_playwright
from ports import free_port
from programs import program
from proxies.running import Running
from system_packages import CHROMIUM

BLANK = "about:blank"
SHOWN, HIDDEN = "visible", "hidden"


@dataclass
class Tab(Person):
    """Somebody with several tabs, in front of one of them."""

    origin: str = ""

    async def open(self, path: str) -> None:
        """Go to a page by its path."""
        await self.page.goto(f"{self.origin}{path}")

    async def show(self) -> None:
        """Bring the tab to the front, which hides all others of its window."""
        await self.page.bring_to_front()
        await self.is_now(SHOWN)

    async def is_now(self, state: str) -> None:
        """Wait until the tab is SHOWN or HIDDEN."""
        await self.page.wait_for_function("state => document.visibilityState === state", arg=state)


@dataclass
class Window(Browsers):
    """The one window, and browsers beside it whose pages are always seen."""

    def __post_init__(self) -> None:
        self._first = self.chromium.contexts[0]
        self._first.set_default_timeout(PATIENCE)
        self._first.on("console", self._on_console)
        self._first.on("weberror", self._on_error)

    @property
    def context(self) -> BrowserContext:
        """The browser that the tabs are of."""
        return self._first

    async def tab(self, path: str = "", **fields: str) -> Tab:
        """Open a tab, which is in front then, and ``path`` in it. ``fields`` are of the person."""
        tab = Tab(await self._first.new_page(), origin=self.url, **fields)
        if path:
            await tab.open(path)
        return tab

    async def close(self) -> None:
        """Close all tabs but an empty one, without which the window would go, and forget all cookies."""
        await super().close()
        pages = self._first.pages
        await self._first.new_page()
        for page in pages:
            await page.close()
        await self._first.clear_cookies()
        self._first.remove_listener("console", self._on_console)
        self._first.remove_listener("weberror", self._on_error)


@asynccontextmanager
async def chromium_with_window(folder: Path) -> AsyncIterator[Browser]:
    """Run Chromium with its profile in ``folder``."""
    port = free_port()
    place = [f"--remote-debugging-port={port}", f"--user-data-dir={folder / 'profile'}"]
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    running = Running(folder, [program(CHROMIUM), "--headless", *FLAGS, *place, *alone, BLANK], [port], None)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}", no_defaults=True)
            yield browser
            await browser.close()
    finally:
        running.stop()
