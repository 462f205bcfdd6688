"""A browser that hangs up cancels the handler in Quart; what was begun is finished all the same (promise 8)."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hanging_up import Line
from pages import PASSWORD, Browser, Site
from sqlalchemy import Engine, event
from stores import Stores

from webapp.shielding import settle


@contextmanager
def announced(beginning: str) -> Iterator[asyncio.Event]:
    """Give an event for a statement with this ``beginning``: it is sent to a database now."""
    sent = asyncio.Event()

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning):
            sent.set()

    event.listen(Engine, "before_cursor_execute", look)
    yield sent
    event.remove(Engine, "before_cursor_execute", look)


async def until_there_is_another(session: str, stores: Stores) -> None:
    async with asyncio.timeout(30):
        while not set(stores.sessions()) - {session}:  # noqa: ASYNC110  (Redis tells nobody of it.)
            await asyncio.sleep(0)


@pytest.mark.usefixtures("patient")
async def test_account_is_written_although_the_browser_went_while_the_database_was_busy(
    browser: Browser, site: Site, stores: Stores, environ: dict[str, str]
):
    # The first connection changes the file's journal, which would not wait for anybody.
    await browser.get("/readyz")
    await browser.get("/register")
    fields = {"email": browser.email, "name": "Ada", "password": PASSWORD}
    path = environ["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as somebody_else:
        somebody_else.execute("BEGIN IMMEDIATE")
        with announced("INSERT INTO account") as inserting:
            line = Line(site, browser, "/register", fields)
            await inserting.wait()
        await line.hang_up()
        assert stores.accounts() == []
        somebody_else.execute("ROLLBACK")
        await settle()
    assert line.answers == []
    assert len(stores.accounts()) == 1
    assert (await browser.post("/login", fields)).status_code == 303


async def test_old_session_ends_although_the_browser_went_when_the_new_one_stood(
    ada: Browser, site: Site, stores: Stores
):
    for _ in range(10):
        await ada.log_in()
        await ada.get("/dashboard")
        (old,) = stores.sessions()
        line = Line(site, ada, "/login", {"email": ada.email, "password": PASSWORD})
        await until_there_is_another(old, stores)
        await line.cut()
        assert len(stores.sessions()) == 1
        assert stores.sessions() != [old]
        stores.redis.delete(*stores.keys())


async def test_whenever_the_browser_goes_the_site_goes_on(ada: Browser, phone: Browser, site: Site, stores: Stores):
    await ada.get("/settings/sessions")
    for ticks in range(0, 60, 3):
        line = Line(site, ada, "/settings/sessions/end-others", {})
        for _ in range(ticks):
            await asyncio.sleep(0)
        await line.cut()
        assert (await ada.get("/dashboard")).status_code == 200
    assert (await ada.post("/settings/sessions/end-others")).status_code == 303
    assert len(stores.sessions()) == 1
