"""Real browsers: one Chromium, and in it as many separate ones as a journey needs, each with its own cookies."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route, WebError, async_playwright
from programs import program
from system_packages import CHROMIUM

# Nothing of the browser's own may reach for the network.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Milliseconds. Signing in costs a quarter of a second of argon2, more on a busy machine; what takes longer hangs.
PATIENCE = 10_000
# Chromium reports each 4xx and 5xx as an error; journeys look at these answers themselves.
EXPECTED = "Failed to load resource: the server responded with a status of"
STREAMS = "**/session/events*"


@asynccontextmanager
async def chromium(*further: str, keep_pages: bool = False) -> AsyncIterator[Browser]:
    """Run Chromium with ``further`` flags; ``keep_pages`` lets its back-forward cache work, which Playwright stops."""
    found = program(CHROMIUM)
    flags = [*FLAGS, *further, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    without = ["--disable-back-forward-cache"] if keep_pages else []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=flags, ignore_default_args=without)
        yield launched
        await launched.close()


@dataclass
class Browsers:
    """Opens browsers on the site at ``url`` and hears every complaint that their pages make."""

    chromium: Browser
    url: str
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def open(self, **options: Any) -> Page:
        """Open a browser with no cookies and return its first tab."""
        return await (await self.start(**options)).new_page()

    async def start(self, *, hears: bool = True, **options: Any) -> BrowserContext:
        """Start a browser with no cookies and no tab.

        One that does not hear gets no stream, so that its pages stay as they are until somebody does something there.
        """
        context = await self.chromium.new_context(base_url=self.url, **options)
        context.set_default_timeout(PATIENCE)
        if not hears:
            await context.route(STREAMS, _refuse)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        self._contexts.append(context)
        return context

    async def close(self) -> None:
        """Close all of them."""
        for context in self._contexts:
            await context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"exception: {error.error}")


async def _refuse(route: Route) -> None:
    # As a server answers that has no room for it.
    await route.fulfill(status=503, headers={"Retry-After": "60"}, content_type="text/plain", body="")


@asynccontextmanager
async def browsing(browser: Browser, url: str) -> AsyncIterator[Browsers]:
    """Open browsers on the site at ``url``, and close them; a page that complained fails the journey."""
    opened = Browsers(browser, url)
    yield opened
    await opened.close()
    assert opened.complaints == []
