"""One server, one mail server and one Chromium for all journeys, real argon2 and real limits included."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from gatehouse import Gatehouse
from journeys.browsers import PATIENCE, Browsers, browsing, chromium
from own_redis import StandaloneRedis, any_binary
from playwright.async_api import Browser, expect
from smtp_server import SmtpServer


@pytest.fixture(scope="session")
def folder(servers: ExitStack) -> Path:
    """Give where the server keeps everything; it ends with the run."""
    return Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-")))


@pytest.fixture(scope="session")
def redis(servers: ExitStack, folder: Path) -> StandaloneRedis:
    """Give the Redis of the server."""
    redis = StandaloneRedis(folder, any_binary())
    servers.callback(redis.stop)
    return redis


@pytest.fixture(scope="session")
def mails(servers: ExitStack) -> SmtpServer:
    """Give the mail server, which keeps what the site sends."""
    return servers.enter_context(SmtpServer())


@pytest.fixture(scope="session")
def gatehouse(servers: ExitStack, folder: Path, redis: StandaloneRedis, mails: SmtpServer) -> Gatehouse:
    """Give the server with the settings that everybody starts with, and with mail."""
    gatehouse = Gatehouse(folder, redis.url, MAIL_URL=mails.url)
    servers.callback(gatehouse.stop)
    return gatehouse


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run Chromium, once."""
    expect.set_options(timeout=PATIENCE)
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(browser: Browser, gatehouse: Gatehouse) -> AsyncIterator[Browsers]:
    """Open browsers on the site; a page that complained fails the journey."""
    async with browsing(browser, gatehouse.url) as opened:
        yield opened
