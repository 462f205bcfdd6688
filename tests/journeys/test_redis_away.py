"""Redis goes away in the middle and comes back: nobody is signed out, and nothing is said that is not so."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from gatehouse import Gatehouse
from journeys.browsers import Browsers
from journeys.people import DASHBOARD, DEVICES, IPHONE, newcomer, session_cookie, signed_in_elsewhere
from playwright.async_api import Browser

from webapp.dev.embedded_redis import EmbeddedRedis

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Failing:
    """A Redis as `make run` has it, which keeps its data, and can be away for a while."""

    def __init__(self, folder: Path) -> None:
        self._running = EmbeddedRedis(folder)
        self._running.__enter__()
        self.url = self._running.url

    def stop(self) -> None:
        self._running.__exit__(None, None, None)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stop it, and start it again afterwards."""
        self.stop()
        try:
            yield
        finally:
            self._running.__enter__()


@pytest_asyncio.fixture(loop_scope="session")
async def failing() -> AsyncIterator[Failing]:
    """Run a Redis of one's own."""
    with TemporaryDirectory(prefix="gatehouse-") as folder:
        redis = Failing(Path(folder))
        yield redis
        redis.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def shaky(browser: Browser, failing: Failing, tmp_path: Path) -> AsyncIterator[Browsers]:
    """Open browsers on a site that stands on it."""
    gatehouse = Gatehouse(tmp_path, failing.url)
    opened = Browsers(browser, gatehouse.url)
    yield opened
    await opened.close()
    gatehouse.stop()
    assert opened.complaints == []


async def test_redis_that_is_away_signs_nobody_out(shaky: Browsers, failing: Failing) -> None:
    ada = await newcomer(shaky)
    await signed_in_elsewhere(shaky, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    cookie = await session_cookie(ada.page.context)
    with failing.away():
        await ada.press("Sign out of Safari on iPhone")
        await ada.is_told("A part of this site does not answer at the moment.")
        await ada.sees_devices(2)
        await ada.has_focus_in("#sessions button")
        answer = await ada.page.goto(DASHBOARD)
        assert answer is not None
        assert answer.status == 503
        assert answer.headers["retry-after"]
        await ada.sees("A part of this site does not answer at the moment.")
        await ada.open("/login")
        await ada.sees("Keep me signed in")
        assert await session_cookie(ada.page.context) == cookie
    await ada.open(DEVICES)
    await ada.sees_devices(2)
    await ada.press("Sign out of Safari on iPhone")
    await ada.is_told("Signed out: Safari on iPhone.")
