"""Two server processes behind one nginx, and browsers on them: some with one page each, and one with real tabs."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from journeys.browsers import PATIENCE, Browsers, browsing
from journeys.streams.site import Site
from journeys.streams.tabs import Window, chromium_with_window
from own_redis import StandaloneRedis
from playwright.async_api import Browser, expect
from smtp_server import SmtpServer


@pytest.fixture(scope="session")
def site(servers: ExitStack, redis: StandaloneRedis, mails: SmtpServer) -> Site:
    """Give the site with the settings that everybody starts with, and with mail."""
    return Site(servers, redis.url, MAIL_URL=mails.url)


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(browser: Browser, site: Site) -> AsyncIterator[Browsers]:
    """Open browsers on the site; a page that complained fails the journey."""
    async with browsing(browser, site.url) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windowed() -> AsyncIterator[Browser]:
    """Run the Chromium with the window, once."""
    expect.set_options(timeout=PATIENCE)
    # Its helpers write to the profile for a moment after it has ended.
    with TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder:
        async with chromium_with_window(Path(folder)) as browser:
            yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def window(windowed: Browser, site: Site) -> AsyncIterator[Window]:
    """Give its window, with no tab and no cookie, and open browsers on the same site beside it."""
    opened = Window(windowed, site.url)
    yield opened
    await opened.close()
    assert opened.complaints == []
