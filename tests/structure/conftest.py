"""The whole application, to be walked through: every route as every caller."""

from collections.abc import AsyncIterator, Callable

import pytest
from pages import ORIGIN, Site
from structure.stores import Stores

from webapp.accounts.passwords import PasswordHasher
from webapp.factory import create_app
from webapp.settings import Settings
from webapp.web.headers import SecurityHeaders
from webapp.web.proxies import TrustedProxies


@pytest.fixture
def settings(redis_url: str, sqlite_url: str) -> Settings:
    """Give the settings of a production site with nobody in it."""
    return Settings.from_env(
        {
            "APP_ENV": "production",
            "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
            "REDIS_URL": redis_url,
            "DATABASE_URL": sqlite_url,
            "PUBLIC_URL": ORIGIN,
        }
    )


@pytest.fixture
async def site(settings: Settings, cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site, put together as ``main`` does it, with a hasher that takes no time."""
    app = create_app(settings, cheap_hasher())
    async with app.test_app():
        site = Site(app, SecurityHeaders(TrustedProxies(app, settings), settings))
        yield site
        await site.close()


@pytest.fixture
def stores(settings: Settings) -> Stores:
    """Look into Redis and the database from outside."""
    return Stores(settings.redis_url, settings.database_url.removeprefix("sqlite:///"))
