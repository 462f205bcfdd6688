"""A rollback: the version before comes back, and finds a database that its successor has migrated.

Heroku runs the release phase of the old version then. It must neither fail nor touch anything.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from account_world import put
from compatibility.later import NEWEST, version, with_steps
from compatibility.schema import look
from sqlalchemy import Engine

from webapp.accounts.model import Account, Credentials, new_id
from webapp.accounts.store import AccountStore
from webapp.database import migrate, open_engine, read_url, revisions

ROOT = Path(__file__).parents[2]
ADDITION = 'op.add_column("account", sa.Column("locale", sa.Text, nullable=True))'
NEXT = f"{int(NEWEST) + 1:04}"


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    url: str = request.getfixturevalue("bare_postgresql_url")
    return url


@pytest.fixture
def engine(bare_url: str) -> Iterator[Engine]:
    engine = migrate._engine(read_url(bare_url))
    yield engine
    engine.dispose()


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """Give the migrations of the version after this one."""
    return with_steps(tmp_path / "later", ADDITION)


def state(engine: Engine) -> str:
    with engine.connect() as connection:
        return revisions.migration_state(connection)


def set_revision(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 -- our own.


def run_migrate(database_url: str) -> subprocess.CompletedProcess[str]:
    """Run the release command as a platform does."""
    settings = {"SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "REDIS_URL": "redis://127.0.0.1:1"}
    environment = {"PATH": os.defpath, "DATABASE_URL": database_url, **settings}
    words = [sys.executable, "-m", "webapp", "migrate"]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=50)


def test_database_is_missing_then_current_then_newer(bare_url: str, engine: Engine, later: Path):
    assert state(engine) == "missing"
    migrate.upgrade(bare_url)
    assert state(engine) == "current"
    with version(later):
        assert state(engine) == "missing"
        assert migrate.upgrade(bare_url) == f"The database went from revision {NEWEST} to {NEXT}."
        assert state(engine) == "current"
    assert state(engine) == "newer"
    with engine.connect() as connection:
        assert revisions.is_current(connection)


def test_release_phase_of_the_version_before_leaves_a_newer_database_alone(bare_url: str, engine: Engine, later: Path):
    with version(later):
        migrate.upgrade(bare_url)
    with engine.connect() as connection:
        before = look(connection)

    ended = [run_migrate(bare_url) for _ in range(2)]

    assert [(run.returncode, run.stderr) for run in ended] == [(0, "")] * 2
    assert ended[0].stdout == (
        f"A newer version has brought the database to revision {NEXT}. This one knows it up to {NEWEST} and can work "
        "with it; nothing was changed.\n"
    )
    with engine.connect() as connection:
        assert look(connection) == before
    assert state(engine) == "newer"


async def test_accounts_of_the_version_before_work_on_a_newer_database(bare_url: str, later: Path):
    with version(later):
        migrate.upgrade(bare_url)
    opened = open_engine(bare_url)
    account = Account(new_id(), "ada@example.com", "Ada", "member", datetime(2026, 1, 2, tzinfo=UTC), None)
    store = AccountStore(opened)
    await put(opened, Credentials(account, "ada@example.com", "$hash"))
    found = await store.by_email_key("ada@example.com")
    await opened.dispose()
    assert found is not None
    assert found.account == account


@pytest.mark.parametrize("revision", ["ae1027a6acf", "0000", "00021", "2"])
def test_database_of_somebody_else_is_refused_in_a_sentence(bare_url: str, engine: Engine, revision: str):
    migrate.upgrade(bare_url)
    set_revision(engine, revision)

    ended = run_migrate(bare_url)

    assert state(engine) == "foreign"
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "The database was not migrated, and its tables are as they were: it stands at revision "
        f"{revision!r}, which is none of ours; see what DATABASE_URL names.\n"
    )
    with engine.connect() as connection:
        assert not revisions.is_current(connection)


def test_database_that_cannot_be_reached_fails_the_release_in_a_sentence():
    ended = run_migrate("postgres://gatehouse:hunter2@127.0.0.1:1/gatehouse")
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database was not migrated, and its tables are as they were: connection")
    assert "hunter2" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_step_that_cannot_have_its_table_gives_up_and_changes_nothing(
    postgresql_url: str, later: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(migrate, "TABLE_PATIENCE", 0.1)
    engine = migrate._engine(read_url(postgresql_url))
    with engine.begin() as reading, version(later):
        # A long report, as far as PostgreSQL is concerned.
        reading.exec_driver_sql("SELECT * FROM account")
        with pytest.raises(migrate.MigrationFailed, match="lock timeout"):
            migrate.upgrade(postgresql_url)
    assert state(engine) == "current"
    with version(later):
        assert migrate.upgrade(postgresql_url).endswith(f"to {NEXT}.")
    engine.dispose()
