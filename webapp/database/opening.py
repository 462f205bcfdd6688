"""Opens the SQL database that the settings name.

Two databases are spoken: SQLite for development and PostgreSQL for production. No request may wait for them for long,
so every wait has an end here: for a connection, for a lock, and for a statement.
"""

from collections.abc import Mapping

from psycopg import OperationalError
from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.settings import Settings

# Signed-in pages send no SQL, so few connections go a long way. Heroku's smallest PostgreSQL allows 20 in all: two
# processes of two dynos during a deploy leave some of them to the release phase and to the operator.
POOL_SIZE = 4
# Seconds. All stay below what a request waits (deadline.PATIENCE): the database's own answer is the clearer one.
POOL_TIMEOUT = 3
CONNECT_TIMEOUT = 3
LOCK_TIMEOUT = 3
STATEMENT_TIMEOUT = 4
# The option of an engine that holds the one for single statements. That one is what connections are opened for: to make
# one ready for a transaction takes 0.08 ms, and most are used for a single statement.
SINGLE = "gatehouse_single"


# What the others call it who hand it on and do not speak SQL.
Database = AsyncEngine


def open_database(settings: Settings) -> Database:
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
    single = _open(url, isolation_level="AUTOCOMMIT", connect_args=_postgresql_arguments(url.query))
    event.listen(single.sync_engine, "checkout", _notice_end)
    return single.execution_options(isolation_level="READ COMMITTED", **{SINGLE: single})


def _notice_end(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _user: object) -> None:
    """Have connections opened again that the server has closed, before one of them is used.

    What a server says when it ends has arrived by then, so it is enough to read: ``pool_pre_ping`` would ask each time,
    a round trip for each use. Read twice, since only a read that finds nothing more sees the end behind the last words.
    """
    line = connection.driver_connection.pgconn
    try:
        line.consume_input()
        line.consume_input()
    except OperationalError as error:
        raise InvalidatePoolError from error


def _postgresql_arguments(query: Mapping[str, object]) -> dict[str, object]:
    # What the operator wrote into the address comes last and wins; the rest of it goes to libpq untouched.
    limits = f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout={LOCK_TIMEOUT}s"
    options = f"{limits} {query.get('options', '')}".rstrip()
    return {"connect_timeout": query.get("connect_timeout", CONNECT_TIMEOUT), "options": options}


def autocommitting(engine: AsyncEngine) -> AsyncEngine:
    """Give the same connections for single statements, each of them a transaction by itself.

    On PostgreSQL no BEGIN and no COMMIT travels then: one round trip instead of three, of 0.1 ms of a processor each,
    and a sign-in sends a dozen such statements. SQLite knows no difference worth a second path.
    """
    single: AsyncEngine = engine.get_execution_options().get(SINGLE, engine)
    return single


def _open(url: URL, **options: object) -> AsyncEngine:
    # Hidden parameters keep emails and password hashes out of error messages, and so out of logs.
    return create_async_engine(
        url, hide_parameters=True, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=POOL_TIMEOUT, **options
    )
