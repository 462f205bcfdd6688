"""The database does not answer: the caller learns it in time, and never that an account is missing."""

import asyncio
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path

import psycopg
import pytest
from account_world import credentials, open_world, put
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.store import AccountStore
from webapp.database import open_engine, opening, waiting
from webapp.errors import StoreUnavailable


@pytest.mark.parametrize("url", ["postgresql://nobody@/none?host=/nowhere", "sqlite:////nowhere/at/all.sqlite3"])
async def test_unreachable_database_is_unavailable_to_every_method(url: str) -> None:
    engine = open_engine(url)
    world = open_world(engine)
    store, ada = world.store, credentials()
    for call in (
        store.ping(),
        store.by_id(ada.account.id),
        store.by_email_key(ada.email_key),
        put(engine, ada),
        store.replace_hash(ada.account.id, "old", "new"),
        world.register(),
        world.sign_in(),
    ):
        with pytest.raises(StoreUnavailable):
            await call
    assert not world.tries.taken
    await engine.dispose()
    await _let_aiosqlite_end()


async def test_database_that_nobody_has_migrated_is_unavailable(tmp_path: Path, bare_postgresql_url: str) -> None:
    for url in (f"sqlite:///{tmp_path / 'bare.sqlite3'}", bare_postgresql_url):
        engine = open_engine(url)
        with pytest.raises(StoreUnavailable):
            await AccountStore(engine).by_email_key("ada@example.com")
        await engine.dispose()


async def test_database_whose_user_has_no_rights_is_unavailable(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE powerless LOGIN")
        engine = open_engine(postgresql_url.replace("postgres@", "powerless@"))
        with pytest.raises(StoreUnavailable):
            await AccountStore(engine).by_email_key("ada@example.com")
        await engine.dispose()
        admin.execute("DROP ROLE powerless")


async def test_locked_sqlite_is_unavailable_after_the_lock_timeout(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT", 0.1)
    engine = open_engine(sqlite_url)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await put(engine, credentials())
    other.close()
    await engine.dispose()


async def test_postgresql_connections_that_were_cut_are_opened_again(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    store = AccountStore(engine)
    await asyncio.gather(*(store.ping() for _ in range(5)))
    _end_connections(postgresql_url)
    await asyncio.gather(*(store.ping() for _ in range(5)))
    await engine.dispose()


async def test_postgresql_that_takes_no_connections_is_unavailable(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    store = AccountStore(engine)
    await store.ping()
    _administer(postgresql_url, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false")
    _end_connections(postgresql_url)
    with pytest.raises(StoreUnavailable):
        await store.ping()
    await engine.dispose()


async def test_locked_table_in_postgresql_is_unavailable(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT", "0.1")
    engine = open_engine(postgresql_url)
    async with await psycopg.AsyncConnection.connect(postgresql_url) as other:
        await other.execute("LOCK TABLE account")
        with pytest.raises(StoreUnavailable):
            await AccountStore(engine).by_email_key("ada@example.com")
        await other.rollback()
    await engine.dispose()


async def test_postgresql_that_froze_is_given_up_at_the_deadline(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(postgresql_url)
    store = AccountStore(engine)
    process = await _serving_process(engine)
    os.kill(process, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with monkeypatch.context() as impatient:
            impatient.setattr(waiting, "DEADLINE", 0.5)
            with pytest.raises(StoreUnavailable):
                await store.ping()
        # Without a deadline of ours psycopg takes 10 s to give up.
        assert time.monotonic() - begun < 8
        await store.ping()
    finally:
        os.kill(process, signal.SIGCONT)
    await engine.dispose()


async def _let_aiosqlite_end() -> None:
    # Its thread tells the event loop that a connection came to nothing, and fails when the loop is closed by then.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)


async def _serving_process(engine: AsyncEngine) -> int:
    async with engine.connect() as db:
        return int((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())


def _end_connections(url: str) -> None:
    # Milliseconds that each may take: without them the call only asks, and returns before they are gone.
    _administer(url, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'")


def _administer(url: str, statement: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.format(name).encode())
