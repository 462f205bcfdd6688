"""Opens the SQL database that the settings name, and says in one way that it does not answer.

Two databases are spoken: SQLite for development and PostgreSQL for production. No request may wait for them for long,
so every wait has an end here: for a connection, for a lock, for a statement, and ``DEADLINE`` for each use as a whole.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, event, make_url
from sqlalchemy import exc as sql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from .deadline import left
from .errors import StoreUnavailable
from .settings import Settings
from .shielding import shielded

P = ParamSpec("P")
T = TypeVar("T")

# Signed-in pages send no SQL, so few connections go a long way. Heroku's smallest PostgreSQL allows 20 in all: two
# processes of two dynos during a deploy leave some of them to the release phase and to the operator.
POOL_SIZE = 4
# Seconds. All four stay below what a request waits (deadline.PATIENCE): the database's own answer is the clearer one.
POOL_TIMEOUT = 3
CONNECT_TIMEOUT = 3
LOCK_TIMEOUT = 3
STATEMENT_TIMEOUT = 4
# Seconds from asking for a connection to the last answer. Only a start or a command waits for so long: a request gives
# up with its patience.
DEADLINE = 5

# What StoreUnavailable calls it.
NAME = "the database"
# PostgreSQL's codes for what our statements cannot be blamed for: a server that takes no writes, as a stand-by does
# while another takes over; tables that are missing, since nobody has migrated yet; and rights that the user lacks.
NOT_OUR_FAULT = {"25006", "42P01", "42501"}
# SQLite has one code for faulty SQL and for missing tables.
NO_TABLE = "no such table"


def open_database(settings: Settings) -> AsyncEngine:
    """Make the engine for ``DATABASE_URL``; it connects on first use. Whoever opens it disposes of it."""
    return open_engine(settings.database_url)


def open_engine(database_url: str) -> AsyncEngine:
    """Make the engine for one address, as the settings hold it."""
    url = read_url(database_url)
    return _open_sqlite(url) if url.get_backend_name() == "sqlite" else _open_postgresql(url)


def read_url(database_url: str) -> URL:
    """Read an address: ``postgres://``, which Heroku still writes, and ``postgresql://`` both mean psycopg 3."""
    scheme, _, rest = database_url.partition("://")
    drivers = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite+aiosqlite"}
    return make_url(f"{drivers[scheme]}://{rest}")


def answering(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Go around every method that uses the database.

    It then raises StoreUnavailable when the database cannot be reached or does not answer within ``DEADLINE``
    seconds, or in what its request has left; every other error of SQLAlchemy is a bug of ours and passes through. And
    it is shielded, reads like writes: a caller who is cancelled goes alone, because a connection that is left in
    mid-answer is lost.
    """

    @shielded
    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        patience = _patience()
        task = asyncio.create_task(function(*args, **kwargs))
        _running.add(task)
        task.add_done_callback(_finished)
        try:
            await asyncio.wait({task}, timeout=patience)
            return _answer(task)
        finally:
            # Who is late is told to stop and not waited for: psycopg would spend another ten seconds on asking a
            # server that hears nothing to break off.
            task.cancel()

    return run


def _patience() -> float:
    try:
        return left(DEADLINE)
    except TimeoutError as error:
        raise StoreUnavailable(NAME) from error


# The event loop keeps only weak references to tasks.
_running: set[asyncio.Task[Any]] = set()


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    # Reading the exception keeps asyncio from complaining about one that nobody waits for any more.
    _ = task.cancelled() or task.exception()


def _answer(task: asyncio.Task[T]) -> T:
    if not task.done():
        raise StoreUnavailable(NAME)
    try:
        return task.result()
    except (OSError, sql.TimeoutError) as error:
        raise StoreUnavailable(NAME) from error
    except sql.DBAPIError as error:
        if not _unanswered(error):
            raise
        raise StoreUnavailable(NAME) from error


def _unanswered(error: sql.DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, sql.InterfaceError):
        return True
    if getattr(error.orig, "sqlstate", None) in NOT_OUR_FAULT or str(error.orig).startswith(NO_TABLE):
        return True
    # SQLite uses its OperationalError for faulty SQL too, and tells it apart by this code.
    faulty = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return isinstance(error, sql.OperationalError) and not faulty


def _open_sqlite(url: URL) -> AsyncEngine:
    # IMMEDIATE takes the write lock with the first write of a transaction; the default begins as a reader, and two
    # readers who both want to write fail at once instead of waiting for each other.
    engine = _open(url, connect_args={"timeout": LOCK_TIMEOUT, "isolation_level": "IMMEDIATE"})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # With a write-ahead log readers and a writer do not wait for each other.
    cursor.execute("PRAGMA journal_mode = WAL")
    # SQLite ignores foreign keys unless each connection asks for them.
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _open_postgresql(url: URL) -> AsyncEngine:
    # A connection that the server has closed meanwhile is noticed before it is used, and opened again.
    return _open(url, pool_pre_ping=True, connect_args=_postgresql_arguments(url.query))


def _postgresql_arguments(query: Mapping[str, object]) -> dict[str, object]:
    # What the operator wrote into the address comes last and wins; the rest of it goes to libpq untouched.
    limits = f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout={LOCK_TIMEOUT}s"
    options = f"{limits} {query.get('options', '')}".rstrip()
    return {"connect_timeout": query.get("connect_timeout", CONNECT_TIMEOUT), "options": options}


def _open(url: URL, **options: object) -> AsyncEngine:
    # Hidden parameters keep emails and password hashes out of error messages, and so out of logs.
    return create_async_engine(
        url, hide_parameters=True, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=POOL_TIMEOUT, **options
    )
