"""Brings the database's tables to what this version of the program needs.

Run it as often and from as many processes as you like (Heroku's release phase repeats it): one at a time works, in
one transaction, and the others then find nothing left to do. Alembic is configured here and not in an ``alembic.ini``,
so that nothing depends on the working directory.
"""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.database import CONNECT_TIMEOUT, read_url

# Any constant number: all that upgrade this database wait for the same lock (its bytes spell "gatehous").
UPGRADE_LOCK = 0x67617465686F7573
# Seconds that SQLite lets one upgrade wait for another. PostgreSQL's lock waits as long as the other works.
SQLITE_PATIENCE = 60


def upgrade(database_url: str) -> None:
    """Apply every migration that is missing; raises SQLAlchemy's errors, and leaves nothing half done."""
    engine = _engine(read_url(database_url))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()


def is_current(connection: Connection) -> bool:
    """Tell whether all migrations of this version were applied; from async code through ``run_sync``."""
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


@lru_cache
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


def _config(connection: Connection | None = None) -> Config:
    # migrations/env.py takes the connection from here. A percent sign in the path would start an interpolation.
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url.set(drivername="sqlite"))
    return create_engine(url, hide_parameters=True, connect_args={"connect_timeout": CONNECT_TIMEOUT})


def _sqlite_engine(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # Python's driver would begin its transactions late and leave CREATE TABLE out of them, so it is told to keep its
    # hands off, and ours begins with the write lock: a second upgrade waits right here.
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": SQLITE_PATIENCE})
    event.listen(engine, "connect", _switch_to_write_ahead_log)
    event.listen(engine, "begin", _begin_as_writer)
    return engine


def _switch_to_write_ahead_log(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The file remembers it. Switching needs the database alone and does not wait for that, so the application, whose
    # connections ask for it as well, must find it done.
    connection.cursor().execute("PRAGMA journal_mode = WAL")


def _begin_as_writer(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
