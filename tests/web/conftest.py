"""The whole application on a real Redis and SQLite, without a server in front."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from pages import IPHONE, ORIGIN, Browser, Site
from serving import serving
from stores import Stores

from webapp.accounts.passwords import PasswordHasher

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"

MakeHasher = Callable[[], PasswordHasher]


@pytest.fixture
def environ(redis_url: str, sqlite_url: str) -> dict[str, str]:
    """Return the environment of the site; a test may change it before it asks for ``site``."""
    return {
        "APP_ENV": "production",
        "SECRET_KEY": SECRET,
        "REDIS_URL": redis_url,
        "DATABASE_URL": sqlite_url,
        "PUBLIC_URL": ORIGIN,
    }


@pytest.fixture
def stores(redis_url: str, sqlite_url: str) -> Iterator[Stores]:
    """Look into the stores of the site, past the application."""
    stores = Stores(redis_url, Path(sqlite_url.removeprefix("sqlite:///")))
    yield stores
    stores.close()


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: MakeHasher) -> AsyncIterator[Site]:
    """Serve the site that ``environ`` describes."""
    async with serving(environ, cheap_hasher()) as site:
        yield site


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
