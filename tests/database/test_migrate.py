import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

import webapp
from webapp.accounts import tables as accounts
from webapp.database import metadata, migrate, revisions
from webapp.history import tables as history
from webapp.outbox import tables as outbox

NEWEST = revisions.known()[-1]
EVERY_TABLE = (accounts.account, accounts.known_browser, accounts.link, history.event, outbox.outbox)


def test_upgraded_database_is_what_the_tables_say(bare_url: str, bare_engine: Engine) -> None:
    migrate.upgrade(bare_url)
    with bare_engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert revisions.is_current(connection)


def test_every_constraint_has_the_name_that_the_tables_give_it(bare_url: str, bare_engine: Engine) -> None:
    migrate.upgrade(bare_url)
    inspector = inspect(bare_engine)
    assert inspector.get_pk_constraint("account")["name"] == "pk_account"
    assert [unique["name"] for unique in inspector.get_unique_constraints("account")] == ["uq_account_email_key"]
    assert [check["name"] for check in inspector.get_check_constraints("account")] == ["ck_account_role"]
    keys = [key["name"] for table in EVERY_TABLE for key in inspector.get_foreign_keys(table.name)]
    assert sorted(filter(None, keys)) == [
        "fk_event_account_id_account",
        "fk_known_browser_account_id_account",
        "fk_link_account_id_account",
        "fk_outbox_account_id_account",
    ]
    named = {constraint.name for table in EVERY_TABLE for constraint in table.constraints}
    assert named == {
        "pk_account",
        "uq_account_email_key",
        "ck_account_role",
        "pk_link",
        "ck_link_purpose",
        "pk_outbox",
        "pk_event",
        "uq_event_token_hash",
        "pk_known_browser",
        *keys,
    }


def test_database_without_migrations_is_not_current(bare_url: str, bare_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "new" / "100%").mkdir(parents=True)
    assert bare_url
    with bare_engine.connect() as connection:
        assert not revisions.is_current(connection)


def test_second_upgrade_changes_nothing(bare_url: str, bare_engine: Engine) -> None:
    migrate.upgrade(bare_url)
    with bare_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO account (id, email, email_key, name, role, password_hash, created)"
            " VALUES ('i', 'e', 'e', 'n', 'member', 'h', '2026-01-01 00:00:00')"
        )
    migrate.upgrade(bare_url)
    with bare_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM account").scalar_one() == 1


def test_upgrades_at_once_in_one_process_all_succeed(bare_url: str, bare_engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(migrate.upgrade, [bare_url] * 6))
    assert sorted(said) == [f"The database is up to date, at revision {NEWEST}."] * 5 + [
        f"The database went from nothing to {NEWEST}."
    ]
    with bare_engine.connect() as connection:
        assert revisions.is_current(connection)


def test_upgrade_waits_for_a_new_file_that_somebody_else_holds(tmp_path: Path) -> None:
    # SQLite itself does not wait here: it is the switch to the write-ahead log that is refused.
    path = tmp_path / "held.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN IMMEDIATE")
        upgrading = pool.submit(migrate.upgrade, f"sqlite:///{path}")
        with pytest.raises(TimeoutError):
            upgrading.result(0.5)
        other.execute("COMMIT")
        assert upgrading.result(30) == f"The database went from nothing to {NEWEST}."


def test_upgrades_at_once_from_several_processes_and_another_folder_all_succeed(
    bare_url: str, bare_engine: Engine, tmp_path: Path
) -> None:
    source = "import sys; from webapp.database.migrate import upgrade; upgrade(sys.argv[1])"
    words = [sys.executable, "-c", source, bare_url]
    root = Path(webapp.__file__).parents[1]
    running = [subprocess.Popen(words, cwd=tmp_path, env={"PYTHONPATH": str(root)}) for _ in range(4)]
    assert [process.wait(50) for process in running] == [0] * 4
    with bare_engine.connect() as connection:
        assert revisions.is_current(connection)


def test_upgrade_that_fails_half_way_leaves_nothing_behind(bare_url: str, bare_engine: Engine) -> None:
    migrate.upgrade(bare_url)
    # As if the version had been lost: the first step then finds the table that it wants to make.
    with bare_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    with pytest.raises(migrate.MigrationFailed, match="already exists"):
        migrate.upgrade(bare_url)
    with bare_engine.connect() as connection:
        assert not revisions.is_current(connection)
        assert connection.exec_driver_sql("SELECT count(*) FROM account").scalar_one() == 0


def test_downgrade_to_nothing_and_upgrade_again_works(bare_url: str, bare_engine: Engine) -> None:
    migrate.upgrade(bare_url)
    with bare_engine.begin() as connection:
        command.downgrade(migrate._config(connection), "base")
        assert "account" not in inspect(connection).get_table_names()
    migrate.upgrade(bare_url)
    with bare_engine.connect() as connection:
        assert revisions.is_current(connection)
