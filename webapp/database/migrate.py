"""Brings the database's tables to what this version of the program needs.

Run it as often and from as many processes as you like (Heroku's release phase repeats it): one at a time works, in
one transaction, and the others then find nothing left to do. Alembic is configured here and not in an ``alembic.ini``,
so that nothing depends on the working directory.

Steps only add (docs/decisions: two versions side by side). So a database that a newer version has migrated serves this
one as well, and a rollback, for which Heroku runs the old version's release phase, leaves it as it is.
"""

import sqlite3
from pathlib import Path
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.errors import GatehouseError

from . import revisions
from .opening import CONNECT_TIMEOUT, read_url

# Any constant number: all that upgrade this database wait for the same lock (its bytes spell "gatehous").
UPGRADE_LOCK = 0x67617465686F7573
# Seconds that SQLite lets one upgrade wait for another. PostgreSQL's lock waits as long as the other works.
SQLITE_PATIENCE = 60
# Seconds between two looks whether it is free.
BUSY_PAUSE = 0.02
# What SQLite calls busy has several variants, told apart by higher bits (sqlite.org/rescode.html).
PRIMARY_CODE = 0xFF
# Seconds that a step may wait for a table on PostgreSQL. While it waits, every later use of that table waits behind it:
# better that the release fails and is repeated than that the site stands still.
TABLE_PATIENCE = 10


class MigrationFailed(GatehouseError):
    """The tables could not be migrated and are as they were before; the message is a sentence for the operator.

    A file of SQLite may have begun its write-ahead log, which it keeps (``_switch_to_write_ahead_log``).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The database was not migrated, and its tables are as they were: {reason}")


def upgrade(database_url: str) -> str:
    """Apply every migration that is missing, and say in a sentence what was done.

    The tables of a newer version are left as they are. Raises MigrationFailed, and leaves nothing half done.
    """
    url = read_url(database_url)
    _make_folder(url)
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            _wait_for_our_turn(connection)
            return _upgrade(connection)
    except DBAPIError as error:
        # Only the first line: in the others PostgreSQL quotes rows, and this ends up in logs.
        raise MigrationFailed(str(error.orig).partition("\n")[0]) from error
    finally:
        engine.dispose()


def _make_folder(url: URL) -> None:
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MigrationFailed(f"the folder {folder} cannot be made ({error.strerror}); see DATABASE_URL.") from error


def _wait_for_our_turn(connection: Connection) -> None:
    # SQLite's turn began with the transaction.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TABLE_PATIENCE}s'")


def _upgrade(connection: Connection) -> str:
    before, known = revisions.revision_of(connection), revisions.known()[-1]
    match revisions.migration_state(connection):
        case "current":
            return f"The database is up to date, at revision {known}."
        case "newer":
            return (
                f"A newer version has brought the database to revision {before}. This one knows it up to {known} and "
                "can work with it; nothing was changed."
            )
        case "missing":
            command.upgrade(_config(connection), "head")
            return f"The database went from {'nothing' if before is None else f'revision {before}'} to {known}."
        case "foreign":
            raise MigrationFailed(
                f"it stands at revision {before!r}, which is none of ours; see what DATABASE_URL names."
            )


def _config(connection: Connection | None = None) -> Config:
    # migrations/env.py takes the connection from here. A percent sign in the path would start an interpolation.
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(revisions.MIGRATIONS).replace("%", "%%"))
    return config


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url.set(drivername="sqlite"))
    return create_engine(url, hide_parameters=True, connect_args={"connect_timeout": CONNECT_TIMEOUT})


def _sqlite_engine(url: URL) -> Engine:
    # Python's driver would begin its transactions late and leave CREATE TABLE out of them, so it is told to keep its
    # hands off, and ours begins with the write lock: a second upgrade waits right here.
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": SQLITE_PATIENCE})
    event.listen(engine, "connect", _switch_to_write_ahead_log)
    event.listen(engine, "begin", _begin_as_writer)
    return engine


def _switch_to_write_ahead_log(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The file remembers it. Switching needs the database alone and, unlike all else, does not wait for that: so several
    # first upgrades take turns here, and the application, whose connections ask for it as well, finds it done.
    patient_until = monotonic() + SQLITE_PATIENCE
    while True:
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY or monotonic() > patient_until:
                raise
            sleep(BUSY_PAUSE)
        else:
            return


def _begin_as_writer(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
