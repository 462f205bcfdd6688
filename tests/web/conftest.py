"""Who visits the site: a stranger, Ada on two devices, and Eve; and the streams of their pages."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from mailed_links import mailed_token
from open_streams import OpenStream
from pages import IPHONE, Browser, Site

from webapp import deadline, wiring
from webapp.database import opening, waiting
from webapp.web.pages import recovery


@pytest.fixture
def browser(site: Site) -> Browser:
    """Return a visitor's browser."""
    return site.browser()


@pytest.fixture
async def ada(site: Site) -> Browser:
    """Return the browser of somebody who has just registered, and is signed in."""
    browser = site.browser()
    response = await browser.register()
    assert response.status_code == 303, response.text
    return browser


@pytest.fixture
async def phone(site: Site, ada: Browser) -> Browser:
    """Return another browser of the same person, signed in too and remembered."""
    browser = site.browser("198.51.100.7", IPHONE)
    browser.email = ada.email
    response = await browser.log_in(remember="y")
    assert response.status_code == 303, response.text
    return browser


@pytest.fixture
async def eve(site: Site) -> Browser:
    """Return the browser of somebody else, who is signed in."""
    browser = site.browser("203.0.113.66")
    await browser.register(name="Eve")
    return browser


@pytest.fixture
async def link(ada: Browser, site: Site) -> str:
    """Return the address that Ada has in her mail."""
    return f"/reset/{await mailed_token(site, ada.email)}"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Return where mails are found, if the site is told to put them there."""
    return tmp_path / "mail"


@pytest.fixture
def nobody_does_what_is_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the outbox as the requests have written it; nor does a server look into SQL or log between requests."""
    monkeypatch.setattr(wiring, "_runners", lambda *_: [])


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests wait longer than a test that keeps one waiting, which may itself be kept by a busy machine."""
    monkeypatch.setattr(deadline, "PATIENCE", 30)
    monkeypatch.setattr(waiting, "DEADLINE", 30)
    monkeypatch.setattr(opening, "LOCK_TIMEOUT", 30)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers of /forgot come when they are done, where a test is not about their time."""
    monkeypatch.setattr(recovery, "SAME_TIME", 0)


@pytest.fixture
async def opens(site: Site) -> AsyncIterator[Callable[..., OpenStream]]:
    """Open streams, and close those that are still open at the end."""
    opened: list[OpenStream] = []

    def open_one(browser: Browser, query: str = "", **headers: str) -> OpenStream:
        opened.append(OpenStream(site, browser, query, **headers))
        return opened[-1]

    yield open_one
    for stream in opened:
        await stream.leave()
