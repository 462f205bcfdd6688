import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.database import answering, autocommitting, open_database, open_engine, read_url
from webapp.database import opening as database
from webapp.errors import StoreUnavailable
from webapp.settings import Settings
from webapp.shielding import settle

BACKEND = "SELECT pg_backend_pid()"
# What libpq notes of the server's last word on whatever it was asked.
ANSWERED = b"ReadyForQuery"
WAITING = "SELECT pid FROM pg_locks WHERE pid = %s AND NOT granted"


@pytest.mark.parametrize(
    ("address", "driver", "name"),
    [
        ("sqlite:///instance/gatehouse.sqlite3", "sqlite+aiosqlite", "instance/gatehouse.sqlite3"),
        ("sqlite:////var/lib/gatehouse.sqlite3", "sqlite+aiosqlite", "/var/lib/gatehouse.sqlite3"),
        ("postgres://ada:secret@db.example.com:5432/site", "postgresql+psycopg", "site"),
        ("postgresql://ada:secret@db.example.com/site", "postgresql+psycopg", "site"),
    ],
)
def test_address_of_either_database_is_read(address: str, driver: str, name: str) -> None:
    url = read_url(address)
    assert (url.drivername, url.database) == (driver, name)


def test_parameters_of_the_address_reach_libpq() -> None:
    engine = open_engine("postgres://ada:s%40cret@db.example.com/site?sslmode=require&options=-c%20search_path%3Dx")
    _, arguments = engine.dialect.create_connect_args(engine.url)
    assert arguments["sslmode"] == "require"
    assert arguments["password"] == "s@cret"
    ours = database._postgresql_arguments(engine.url.query)
    assert str(ours["options"]).endswith(" -c search_path=x")
    assert ours["connect_timeout"] == database.CONNECT_TIMEOUT
    assert database._postgresql_arguments({"connect_timeout": "9"})["connect_timeout"] == "9"


def test_password_of_the_database_is_not_shown() -> None:
    assert "secret" not in repr(open_engine("postgres://ada:secret@db.example.com/site"))


async def test_engine_is_opened_from_the_settings(sqlite_url: str) -> None:
    environ = {
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuv",
        "REDIS_URL": "redis://localhost",
        "DATABASE_URL": sqlite_url,
    }
    engine = open_database(Settings.from_env(environ))
    async with engine.connect() as db:
        assert (await db.execute(text("SELECT count(*) FROM account"))).scalar_one() == 0
    await engine.dispose()


async def test_sqlite_connection_keeps_foreign_keys_and_a_write_ahead_log(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    assert await _say(engine, "PRAGMA foreign_keys") == 1
    assert await _say(engine, "PRAGMA journal_mode") == "wal"
    assert await _say(engine, "PRAGMA busy_timeout") == database.LOCK_TIMEOUT * 1000
    await engine.dispose()


async def test_postgresql_connection_has_limits_and_keeps_the_operators_own(postgresql_url: str) -> None:
    engine = open_engine(f"{postgresql_url}&options=-c%20lock_timeout%3D1s%20-c%20work_mem%3D5MB")
    assert await _say(engine, "SHOW statement_timeout") == f"{database.STATEMENT_TIMEOUT}s"
    assert await _say(engine, "SHOW lock_timeout") == "1s"
    assert await _say(engine, "SHOW work_mem") == "5MB"
    await engine.dispose()


async def test_error_message_holds_no_parameters(sqlite_url: str, postgresql_url: str) -> None:
    for url in (sqlite_url, postgresql_url):
        engine = open_engine(url)
        with pytest.raises(IntegrityError) as error:
            async with engine.begin() as db:
                await db.execute(text("INSERT INTO account (id, email) VALUES ('x', :email)"), {"email": "ada@secret"})
        assert "[SQL parameters hidden" in str(error.value)
        await engine.dispose()


async def test_requests_beyond_the_pool_wait_for_their_turn(database_url: str) -> None:
    engine = open_engine(database_url)
    assert await asyncio.gather(*(_say(engine, "SELECT 1") for _ in range(10 * database.POOL_SIZE))) == [1] * 40
    await engine.dispose()


async def test_pool_that_stays_empty_is_an_unavailable_database(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "POOL_TIMEOUT", 0.1)
    engine = open_engine(database_url)
    held = [await engine.connect() for _ in range(database.POOL_SIZE)]
    with pytest.raises(StoreUnavailable):
        await answering(_say)(engine, "SELECT 1")
    for connection in held:
        await connection.close()
    await engine.dispose()


async def test_statement_past_the_limit_is_an_unavailable_database(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT", "0.1")
    engine = open_engine(postgresql_url)
    with pytest.raises(StoreUnavailable):
        await answering(_say)(engine, "SELECT pg_sleep(30)")
    await engine.dispose()


async def test_faulty_statement_is_our_bug(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    with pytest.raises(ProgrammingError):
        await answering(_say)(engine, "SELECT no_such_column")
    await engine.dispose()


async def test_caller_who_goes_away_leaves_the_connection_in_use_to_its_end(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    process = await _say(engine, BACKEND)
    with psycopg.connect(postgresql_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(1)")
        asking = asyncio.create_task(answering(_say)(engine, "SELECT pg_advisory_xact_lock(1)"))
        while other.execute(WAITING, [process]).fetchone() is None:  # noqa: ASYNC110 - PostgreSQL tells nobody of it.
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    await settle()
    assert await _say(engine, BACKEND) == process
    await engine.dispose()


async def test_transaction_that_is_taken_back_leaves_nothing_and_a_single_statement_stands(database_url: str) -> None:
    engine = open_engine(database_url)
    async with engine.begin() as db:
        await db.execute(text("CREATE TABLE told (n INTEGER)"))
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO told VALUES (1)"))
        await db.rollback()
    async with autocommitting(engine).begin() as db:
        await db.execute(text("INSERT INTO told VALUES (2)"))
    assert await _say(engine, "SELECT sum(n) FROM told") == 2
    await engine.dispose()


async def test_single_statement_is_a_single_round_trip(postgresql_url: str, tmp_path: Path) -> None:
    engine = open_engine(postgresql_url)
    single = autocommitting(engine)
    async with single.connect() as db:
        driver: Any = (await db.get_raw_connection()).driver_connection
    line = driver.pgconn
    round_trips = []
    for number, way in enumerate((single, engine)):
        trace = tmp_path / f"{number}"
        with trace.open("wb") as file:
            line.trace(file.fileno())
            assert await _say(way, "SHOW transaction_isolation") == "read committed"
            line.untrace()
        round_trips.append(trace.read_bytes().count(ANSWERED))
    # In a transaction BEGIN and ROLLBACK as well; in neither anything to see whether the connection lives.
    assert round_trips == [1, 3]
    await engine.dispose()


async def _say(engine: AsyncEngine, statement: str) -> object:
    async with engine.connect() as db:
        return (await db.execute(text(statement))).scalar_one()
