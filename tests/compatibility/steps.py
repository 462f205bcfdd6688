"""Walks through the migrations, one at a time, as a person of version 1 would see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from compatibility.schema import look, troubles
from compatibility.version_1 import statements as one
from sqlalchemy import Connection, DateTime, Engine, bindparam, text

from webapp.database import migrate

ROOT = Path(__file__).parents[2]
FIRST = "0001"
# How a step says that it takes something away, and why it may: the release in which the last reader of it went.
MARKER = "last_reader_went_in"
RELEASED = re.compile(r"^## (\d+\.\d+\.\d+)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One migration after the first, what of it would trouble the version before, and its excuse."""

    revision: str
    troubles: list[str]
    excuse: str | None

    def refused(self, released: set[str]) -> bool:
        """Tell whether it may not be: the last reader is still there, or went in no release that people could take."""
        return bool(self.troubles) and self.excuse not in released


def released() -> set[str]:
    """Name the releases of the changelog."""
    return set(RELEASED.findall((ROOT / "CHANGELOG.md").read_text()))


def walk(engine: Engine) -> Iterator[Step]:
    """Migrate an empty database step by step; an account of version 1 is in it from the first step on."""
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), FIRST)
        add_account(connection)
    scripts = ScriptDirectory.from_config(migrate._config())
    for script in reversed([found for found in scripts.walk_revisions() if found.revision != FIRST]):
        with engine.begin() as connection:
            yield Step(script.revision, _taken(connection, script.revision), getattr(script.module, MARKER, None))


def _taken(connection: Connection, revision: str) -> list[str]:
    schema, row = look(connection), read_account(connection)
    command.upgrade(migrate._config(connection), revision)
    found = troubles(schema, look(connection))
    # Where the columns are gone nobody can look any more.
    if not found and read_account(connection) != row:
        found.append("account: what stood in a row is another now")
    return found


ADA = {
    "id": "ada-ada-ada-ada-ada-00",
    "email": "Ada@example.com",
    "email_key": "ada@example.com",
    "name": "Ada Lovelace",
    "role": "member",
    "password_hash": "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA",
    "created": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "confirmed": None,
}


def add_account(connection: Connection, **columns: object) -> None:
    """Send what version 1 sends for a new account."""
    # SQLite has no type for moments; version 1 leaves their spelling to SQLAlchemy.
    created = bindparam("created", type_=DateTime(timezone=True))
    connection.execute(text(one.ADD).bindparams(created), ADA | columns)


def read_account(connection: Connection) -> dict[str, object]:
    """Send what version 1 sends to find an account by its id."""
    row = connection.execute(text(one.FIND_BY_ID), {"id": ADA["id"]}).one()
    return dict(row._mapping)
