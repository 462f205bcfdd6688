"""Migrations only add: the version before goes on working on what the next one has made of the database.

A step that does take something away names the release in which its last reader went (docs/decisions has the rule).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from compatibility.later import version, with_steps
from compatibility.steps import ADA, add_account, read_account, released, walk
from compatibility.version_1 import statements as one
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from webapp.database import migrate, read_url, revisions

ADDITIONS = [
    'op.add_column("account", sa.Column("locale", sa.Text, nullable=True))',
    'op.add_column("account", sa.Column("visits", sa.Integer, nullable=False, server_default="0"))',
    """op.create_table(
    "key", sa.Column("id", sa.Text, primary_key=True), sa.Column("owner", sa.Text, sa.ForeignKey("account.id"))
)""",
    'op.create_index("ix_account_created", "account", ["created"])',
    """with op.batch_alter_table("account") as table:
    table.add_column(sa.Column("plan", sa.Text, nullable=True))
    table.create_check_constraint("plan", "plan IN ('free', 'paid')")""",
    'op.execute("UPDATE account SET confirmed = confirmed")',
]
BATCH = 'with op.batch_alter_table("account") as table:\n    table.'
# With those that point at it: PostgreSQL drops no table that others depend on.
DEPENDENT = ("event", "known_browser", "outbox", "link")
DROP = "\n".join(f'op.drop_table("{name}")' for name in (*DEPENDENT, "account"))
REMOVALS = {
    DROP: "the table is gone",
    BATCH + 'drop_column("name")': "name is gone",
    BATCH + 'alter_column("name", new_column_name="called")': "name is gone",
    'op.rename_table("account", "person")': "the table is gone",
    "op.execute('ALTER TABLE account RENAME COLUMN confirmed TO confirmed_at')": "confirmed is gone",
    BATCH + 'alter_column("created", type_=sa.Date)': "created was",
    BATCH + 'alter_column("email", nullable=True)': "email may be empty now",
    BATCH + 'add_column(sa.Column("locale", sa.Text, nullable=False, server_default="en"))\n'
    + BATCH + 'alter_column("locale", server_default=None)': "locale must be filled in",
    BATCH + 'create_unique_constraint("uq_name", ["name"])': "the rule is new: unique name",
    'op.create_index("ix_name", "account", ["name"], unique=True)': "the rule is new: unique name",
    BATCH + 'create_check_constraint("long", "length(name) > 1")': "the rule is new: check",
    BATCH + 'drop_constraint("uq_account_email_key")': "the rule is gone: unique email_key",
    'op.execute("UPDATE account SET name = upper(name)")': "what stood in a row is another now",
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Connect to an empty database of each kind."""
    url = f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("bare_postgresql_url")
    engine = migrate._engine(read_url(url))
    yield engine
    engine.dispose()


def test_steps_are_numbered_in_one_ascending_line():
    scripts = list(ScriptDirectory.from_config(migrate._config()).walk_revisions())
    numbers = [script.revision for script in reversed(scripts)]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)] == list(revisions.known())
    assert all(Path(script.path).name.startswith(f"revision_{script.revision}_") for script in scripts)


def test_no_step_takes_away_what_a_version_before_may_still_want(engine: Engine):
    refused = [step for step in walk(engine) if step.refused(released())]
    assert refused == []


def test_all_that_version_1_sends_works_on_the_newest_schema(engine: Engine):
    assert len(list(walk(engine))) == len(revisions.known()) - 1
    with engine.begin() as connection:
        row = read_account(connection)
        assert connection.execute(text(one.FIND_BY_EMAIL), {"email_key": ADA["email_key"]}).one()._mapping == row
        assert tuple(row) == one.COLUMNS
        assert [name for name in one.NEVER_EMPTY if row[name] is None] == []
        assert row["role"] in one.ROLES
        changed = connection.execute(text(one.REPLACE_HASH), {**ADA, "old": ADA["password_hash"], "new": "$new"})
        assert changed.rowcount == 1
        assert connection.execute(text(one.PING)).scalar_one() == 1


def test_email_that_is_taken_is_refused_by_the_name_that_version_1_knows(engine: Engine):
    list(walk(engine))
    with engine.connect() as connection, pytest.raises(IntegrityError, match=one.EMAIL_TAKEN[engine.dialect.name]):
        add_account(connection, id="bob-bob-bob-bob-bob-00")


@pytest.mark.parametrize("body", ADDITIONS)
def test_step_that_adds_is_welcome(engine: Engine, tmp_path: Path, body: str):
    with version(with_steps(tmp_path / "later", body)):
        *_, step = walk(engine)
    assert step.troubles == []
    assert not step.refused(set())
    with engine.begin() as connection:
        add_account(connection, id="bob-bob-bob-bob-bob-00", email_key="bob@example.com")


@pytest.mark.parametrize(("body", "trouble"), REMOVALS.items(), ids=REMOVALS.values())
def test_step_that_takes_away_is_refused_until_its_last_reader_went(
    engine: Engine, tmp_path: Path, body: str, trouble: str
):
    with version(with_steps(tmp_path / "later", body, marker='last_reader_went_in = "0.3.0"')):
        *_, step = walk(engine)
    assert trouble in " ".join(step.troubles)
    # A release that is only planned excuses nothing: the version with the last reader is running.
    assert step.refused({"0.2.0"})
    assert not step.refused({"0.2.0", "0.3.0"})


def test_step_without_an_excuse_has_none(engine: Engine, tmp_path: Path):
    with version(with_steps(tmp_path / "later", ADDITIONS[0], DROP)):
        *_, good, bad = walk(engine)
    assert not good.refused(released())
    assert bad.refused(released() | {"9.9.9"})
