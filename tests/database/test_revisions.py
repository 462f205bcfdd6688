"""How far a database has been migrated."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, text

from webapp.database import migrate, revisions

ROOT = Path(__file__).parents[2]
SERVER = "import sys, webapp.__main__; print([name for name in ('alembic', 'quart') if name in sys.modules])"


def test_database_of_which_nothing_is_written_down_is_still_to_be_migrated(bare_url: str, bare_engine: Engine):
    migrate.upgrade(bare_url)
    with bare_engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        assert (revisions.revision_of(connection), revisions.migration_state(connection)) == (None, "missing")


def test_database_with_branches_is_somebody_elses(bare_url: str, bare_engine: Engine):
    migrate.upgrade(bare_url)
    with bare_engine.begin() as connection:
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        assert revisions.migration_state(connection) == "foreign"


def test_server_does_not_hold_what_only_steps_need():
    found = subprocess.run([sys.executable, "-c", SERVER], cwd=ROOT, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "['quart']"
