"""How far a database has been migrated; without Alembic, which takes 12 MB of each process, and which only steps need.

Alembic writes down in a table of its own at which revision a database stands. What revisions there are, the names of
the steps' files tell: a test holds them to what Alembic finds.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text

MigrationState = Literal["missing", "current", "newer", "foreign"]

MIGRATIONS = Path(__file__).parent / "migrations"
# How steps are numbered. A test holds them to one ascending line, so that a higher number is a later version's.
REVISION = re.compile(r"[0-9]{4}")
STEP = re.compile(r"revision_([0-9]{4})_")
TABLE = "alembic_version"


def migration_state(connection: Connection) -> MigrationState:
    """Tell how a database stands to this version of the program; from async code through ``run_sync``.

    "missing": migrations are still to be applied. "current": all were. "newer": so they were, and a later version's on
    top of them, which does this version no harm. "foreign": somebody else has migrated it.
    """
    revision, steps = revision_of(connection), known()
    if revision == steps[-1]:
        return "current"
    if revision is None or revision in steps:
        return "missing"
    return "newer" if REVISION.fullmatch(revision) and revision > steps[-1] else "foreign"


def is_current(connection: Connection) -> bool:
    """Tell whether this version can work with the database: all its migrations were applied, by whichever version."""
    return migration_state(connection) in {"current", "newer"}


def revision_of(connection: Connection) -> str | None:
    """Return the revision that the database stands at; None for one that has never been migrated."""
    if not inspect(connection).has_table(TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalars().all()  # noqa: S608  # Our own name.
    # Several are branches, which nobody has made but somebody else.
    return ", ".join(found) if found else None


@lru_cache
def known() -> tuple[str, ...]:
    """Return all steps that this version knows, the first one first."""
    names = (path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    return tuple(sorted(step[1] for name in names if (step := STEP.match(name))))
