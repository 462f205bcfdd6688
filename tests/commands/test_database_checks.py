"""What the doctor says of the database, on real ones of both kinds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from asgi_calls import settings
from findings import marked, the_one
from ports import free_port
from servers import PostgresServer

from webapp.commands.checks import database
from webapp.commands.checks.findings import Finding, Mark, masked
from webapp.database import read_url


async def examined(url: str, platform: str | None = None, **variables: str) -> list[Finding]:
    return await database.examine(settings(DATABASE_URL=url, **variables), platform)


async def test_good_postgresql_has_nothing_wrong(postgresql_url: str) -> None:
    found = await examined(postgresql_url)
    assert marked(found, "wrong") == marked(found, "warning") == []
    assert found[0].text.startswith("PostgreSQL at this machine answers: version 1")
    assert the_one(found, "Its tables are those of this version.").mark is Mark.OK


async def test_good_sqlite_has_nothing_wrong_and_in_production_is_a_warning(sqlite_url: str) -> None:
    found = await examined(sqlite_url, APP_ENV="development")
    assert {finding.mark for finding in found} == {Mark.OK}
    assert len(marked(await examined(sqlite_url), "warning")) == 1


@pytest.mark.parametrize(
    ("statement", "mark", "words"),
    [
        ("DROP TABLE alembic_version", "wrong", "Run python -m webapp migrate."),
        ("UPDATE alembic_version SET version_num = '9999'", "ok", "A newer version has migrated it"),
        ("UPDATE alembic_version SET version_num = 'abc123'", "wrong", "another program's"),
    ],
)
async def test_tables_of_other_versions_and_programs_are_told(
    postgresql_url: str, statement: str, mark: str, words: str
) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute(statement.encode())
    assert the_one(await examined(postgresql_url), words).mark.value == mark


async def test_empty_database_is_told_to_be_migrated(bare_postgresql_url: str) -> None:
    [text] = marked(await examined(bare_postgresql_url), "wrong")
    assert text == "Its tables are missing or old. Run python -m webapp migrate."


async def test_missing_sqlite_file_is_told_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "gatehouse.sqlite3"
    [text] = marked(await examined(f"sqlite:///{path}"), "wrong")
    assert text.startswith(f"There is no database at {path}. Run python -m webapp migrate")
    assert not path.exists()


async def test_file_on_heroku_is_wrong_whatever_is_in_it(sqlite_url: str) -> None:
    assert "Heroku throws files away" in marked(await examined(sqlite_url, "heroku"), "wrong")[0]


async def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gatehouse.sqlite3"
    path.write_text("This is a letter, and no database. " * 50)
    [text] = marked(await examined(f"sqlite:///{path}"), "wrong")
    assert text == "SQLite cannot be used: file is not a database. See DATABASE_URL."


async def test_locked_sqlite_is_told_in_time(sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert "locked" in marked(await examined(sqlite_url), "wrong")[0]


@pytest.fixture
def role(postgres: PostgresServer, postgresql_url: str) -> Iterator[psycopg.Connection]:
    """Give an administrator's connection, and a user named "small" who may only look."""
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE small LOGIN PASSWORD 's3cret-word'")
        admin.execute("GRANT pg_read_all_data TO small")
        yield admin
        admin.execute("DROP ROLE small")


@pytest.mark.parametrize(("limit", "mark"), [(7, "wrong"), (15, "warning"), (16, "ok")])
async def test_connections_are_counted_for_all_processes_and_twice_for_deploys(
    role: psycopg.Connection, postgresql_url: str, limit: int, mark: str
) -> None:
    role.execute(f"ALTER ROLE small CONNECTION LIMIT {limit}".encode())
    as_small = postgresql_url.replace("postgres@", "small:s3cret-word@")
    found = await examined(as_small, WEB_CONCURRENCY="2")
    finding = the_one(found, f"can open 8 connections on each machine, and {limit} are allowed")
    assert finding.mark.value == mark


async def test_user_without_rights_is_told(role: psycopg.Connection, postgresql_url: str) -> None:
    role.execute("REVOKE pg_read_all_data FROM small")
    found = await examined(postgresql_url.replace("postgres@", "small:s3cret-word@"))
    assert marked(found, "wrong") == ["This user may not read its tables: permission denied for table alembic_version."]


async def test_limit_of_the_database_counts_as_well(role: psycopg.Connection, postgresql_url: str) -> None:
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    role.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 3'.encode())
    assert the_one(await examined(postgresql_url), "and 3 are allowed").mark is Mark.WRONG


async def test_database_that_takes_no_writes_is_wrong(role: psycopg.Connection, postgresql_url: str) -> None:
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    role.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    assert the_one(await examined(postgresql_url), "It takes no writes").mark is Mark.WRONG


async def test_absent_database_is_told_without_its_password() -> None:
    port = free_port()
    chosen = settings(DATABASE_URL=f"postgresql://ada:s3cret-word@127.0.0.1:{port}/site")
    [finding] = await database.examine(chosen, None)
    assert finding.text.startswith(f"PostgreSQL at 127.0.0.1:{port} cannot be used: ")
    assert "refused" in finding.text
    assert "s3cret" not in finding.text


async def test_unknown_database_is_told(postgresql_url: str) -> None:
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    [finding] = await examined(postgresql_url.replace(name, "nothing"))
    assert 'database "nothing" does not exist' in finding.text


@pytest.mark.parametrize(
    ("url", "encrypted", "words"),
    [
        ("postgresql://db.example.com/site", False, "warning: not encrypted"),
        ("postgresql://localhost/site", False, "ok: stays on this machine"),
        ("postgresql:///site?host=/run/postgresql", False, "ok: stays on this machine"),
        ("postgresql://db.example.com/site", True, "ok: ?sslmode=verify-full would"),
        ("postgresql://db.example.com/site?sslmode=verify-full", True, "ok: certificate verified"),
    ],
)
def test_encryption_is_judged_by_where_the_database_is(url: str, *, encrypted: bool, words: str) -> None:
    finding = database.encryption(read_url(url), encrypted=encrypted)
    mark, _, said = words.partition(": ")
    assert finding.mark.value == mark
    assert said in finding.text


def test_no_secret_of_the_settings_survives_in_a_sentence() -> None:
    chosen = settings(
        DATABASE_URL="postgresql://ada:s3cret%40word@host/site",
        REDIS_URL="redis+sentinel://:f1rst-word@host/main?sentinel_password=sec0nd-word",
        SECRET_KEY_FALLBACKS="abcdefghijklmnopqrstuvwxyz0123456789",
    )
    quoted = " ".join(
        ["s3cret@word", "s3cret%40word", "f1rst-word", "sec0nd-word", chosen.secret_key, *chosen.secret_key_fallbacks]
    )
    assert set(masked(quoted, chosen)) <= {"*", " "}
