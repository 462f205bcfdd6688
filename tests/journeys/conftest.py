"""One server and one Chromium for all journeys, real argon2 and real limits included."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from gatehouse import Gatehouse, Serve
from journeys.browsers import PATIENCE, Browsers, chromium
from own_redis import StandaloneRedis, any_binary
from playwright.async_api import Browser, expect


@pytest.fixture(scope="session")
def serve(servers: ExitStack) -> Serve:
    """Start a server of one's own with further settings; it ends with the run."""

    def start(**variables: str) -> Gatehouse:
        folder = Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-")))
        redis = StandaloneRedis(folder, any_binary())
        servers.callback(redis.stop)
        gatehouse = Gatehouse(folder, redis.url, **variables)
        servers.callback(gatehouse.stop)
        return gatehouse

    return start


@pytest.fixture(scope="session")
def gatehouse(serve: Serve) -> Gatehouse:
    """Give the server with the settings that everybody starts with."""
    return serve()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run Chromium, once."""
    expect.set_options(timeout=PATIENCE)
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(browser: Browser, gatehouse: Gatehouse) -> AsyncIterator[Browsers]:
    """Open browsers on the site; a page that complained fails the journey."""
    opened = Browsers(browser, gatehouse.url)
    yield opened
    await opened.close()
    assert opened.complaints == []
