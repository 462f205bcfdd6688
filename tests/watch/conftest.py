"""The services on each database, and nobody who does what is owed but the test."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from watch.doubts import Door, open_door
from watch.world import World

from webapp.accounts.passwords import PasswordHasher
from webapp.database import opening, waiting
from webapp.settings import Settings
from webapp.wiring import connect_services

# Seconds that a database may take here.
PATIENCE = 30


@pytest.fixture
def environ(environ: dict[str, str], database_url: str) -> dict[str, str]:
    """Take each database in turn, and owe mails, which nobody sends."""
    return {
        **environ,
        "DATABASE_URL": database_url,
        "MAIL_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "door@gatehouse.test",
    }


@pytest.fixture
async def world(
    environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """Give the services, and Ada, who has registered and is signed in nowhere."""
    monkeypatch.setattr(waiting, "DEADLINE", PATIENCE)
    for bound in ("POOL_TIMEOUT", "CONNECT_TIMEOUT", "LOCK_TIMEOUT", "STATEMENT_TIMEOUT"):
        monkeypatch.setattr(opening, bound, PATIENCE)
    async with connect_services(Settings.from_env(environ), cheap_hasher()) as services:
        # As a server does: of the version before there is none.
        await services.sessions.load_scripts()
        yield await World.open(services)


@pytest.fixture
async def door(engine: AsyncEngine) -> Door:
    """Give the service of "was this you?", with Redis left out."""
    return await open_door(engine)
