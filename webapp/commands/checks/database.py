"""The database: reachable, with the tables that this version needs, and with room for its connections."""

from collections.abc import Awaitable, Callable

from sqlalchemy import URL, text
from sqlalchemy import exc as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from webapp.commands.sqlite_file import fault_of_file
from webapp.database import POOL_SIZE, open_database, read_url, revisions
from webapp.settings import Settings

from .findings import Finding, ok, warning, wrong
from .surroundings import AT_A_DEPLOY, is_this_machine

MIGRATE = "Run python -m webapp migrate."

VERSION = "SELECT current_setting('server_version')"
# Somebody who connects through a Unix socket or without TLS has no encryption.
ENCRYPTED = "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)"
READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"
# The least of what the server, the database and the user may have (-1 means no limit of their own), and who is there.
CONNECTIONS = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    coalesce((SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user), 1000000),
    coalesce((SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()), 1000000)
)
"""


async def examine(settings: Settings, platform: str | None) -> list[Finding]:
    """Check the database that the settings name; nothing is written, and no SQLite file is made."""
    if read_url(settings.database_url).get_backend_name() != "sqlite":
        return await _connected(settings, _examine_postgresql)
    if platform == "heroku":
        return [wrong("DATABASE_URL is a file, and Heroku throws files away every day. Add Heroku Postgres.")]
    fault = fault_of_file(settings.database_url)
    return [wrong(fault)] if fault else await _connected(settings, _examine_sqlite)


async def _connected(
    settings: Settings, look: Callable[[AsyncConnection, Settings], Awaitable[list[Finding]]]
) -> list[Finding]:
    engine = open_database(settings)
    try:
        async with engine.connect() as db:
            return await look(db, settings)
    except (OSError, sql.SQLAlchemyError) as error:
        return [wrong(f"{_where(read_url(settings.database_url))} cannot be used: {_reason(error)}. See DATABASE_URL.")]
    finally:
        await engine.dispose()


async def _examine_sqlite(db: AsyncConnection, settings: Settings) -> list[Finding]:
    version = await _ask(db, "SELECT sqlite_version()")
    found = [ok(f"SQLite {version} at {read_url(settings.database_url).database}.")]
    if settings.production:
        found.append(
            warning(
                "SQLite is one file on this machine: right for one server with a disk that stays, and for no platform "
                "that replaces machines. PostgreSQL is for all others."
            )
        )
    return [*found, await _migrations(db)]


async def _examine_postgresql(db: AsyncConnection, settings: Settings) -> list[Finding]:
    url = read_url(settings.database_url)
    found = [ok(f"{_where(url)} answers: version {str(await _ask(db, VERSION)).partition(' ')[0]}.")]
    if await _ask(db, READ_ONLY):
        found.append(
            wrong("It takes no writes: it is a stand-by, or read-only. DATABASE_URL has to lead to the primary.")
        )
    found.append(encryption(url, encrypted=bool(await _ask(db, ENCRYPTED))))
    found.append(_connections(int(str(await _ask(db, CONNECTIONS))), settings))
    return [*found, await _migrations(db)]


def encryption(url: URL, *, encrypted: bool) -> Finding:
    """Say who could listen to the connection, by where the database is."""
    if encrypted and url.query.get("sslmode") == "verify-full":
        return ok("The connection is encrypted, and the server's certificate verified.")
    if encrypted:
        return ok("The connection is encrypted; ?sslmode=verify-full would verify the certificate too.")
    if is_this_machine(url.host or ""):
        return ok("The connection is not encrypted, and stays on this machine.")
    return warning(
        "The connection is not encrypted: right inside a private network alone. Else add ?sslmode=require to "
        "DATABASE_URL."
    )


def _connections(limit: int, settings: Settings) -> Finding:
    most = POOL_SIZE * settings.web_concurrency
    need = (
        f"WEB_CONCURRENCY={settings.web_concurrency} can open {most} connections on each machine, and {limit} are "
        "allowed"
    )
    if most > limit:
        return wrong(f"{need}: some requests get 503. Set WEB_CONCURRENCY to {limit // POOL_SIZE or 1}, or allow more.")
    if AT_A_DEPLOY * most > limit:
        return warning(
            f"{need}: too few at a deploy, when old and new run at once. Allow {AT_A_DEPLOY * most} or more."
        )
    return ok(f"{need}: enough for {limit // (AT_A_DEPLOY * most)} at a deploy, when old and new run at once.")


async def _migrations(db: AsyncConnection) -> Finding:
    try:
        state = await db.run_sync(revisions.migration_state)
    except sql.ProgrammingError as error:
        return wrong(f"This user may not read its tables: {_reason(error)}.")
    match state:
        case "current":
            return ok("Its tables are those of this version.")
        case "newer":
            return ok("A newer version has migrated it; this one can work with it.")
        case "missing":
            return wrong(f"Its tables are missing or old. {MIGRATE}")
        case "foreign":
            return wrong("Its tables are another program's. DATABASE_URL has to name a database of Gatehouse's own.")


async def _ask(db: AsyncConnection, statement: str) -> object:
    return (await db.execute(text(statement))).scalar_one()


def _where(url: URL) -> str:
    port = f":{url.port}" if url.port else ""
    return f"PostgreSQL at {url.host or 'this machine'}{port}" if url.get_backend_name() != "sqlite" else "SQLite"


def _reason(error: Exception) -> str:
    """Give the first line of what the driver said; in the others it quotes statements."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.partition("\n")[0].rstrip(".")
