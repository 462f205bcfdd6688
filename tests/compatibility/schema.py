"""What a database looks like, and what of a later look would trouble somebody who knows only the earlier one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, inspect
from sqlalchemy.engine.interfaces import ReflectedColumn

# Alembic's own.
BOOKKEEPING = "alembic_version"


@dataclass(frozen=True, slots=True)
class Column:
    """What matters of a column to those who read and write it."""

    kind: str
    may_be_empty: bool
    has_default: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The columns by name, and every rule that a row must obey, in words that hold the names of its columns."""

    columns: dict[str, Column]
    rules: frozenset[str]


Schema = dict[str, Table]


def look(connection: Connection) -> Schema:
    """Describe every table."""
    inspector = inspect(connection)
    return {name: _table(connection, name) for name in inspector.get_table_names() if name != BOOKKEEPING}


def _table(connection: Connection, name: str) -> Table:
    columns = {column["name"]: _column(column) for column in inspect(connection).get_columns(name)}
    return Table(columns, frozenset(_rules(connection, name)))


def _column(column: ReflectedColumn) -> Column:
    return Column(str(column["type"]), column["nullable"], column["default"] is not None)


def _rules(connection: Connection, table: str) -> Iterator[str]:
    inspector = inspect(connection)
    yield f"primary key {' '.join(inspector.get_pk_constraint(table)['constrained_columns'])}"
    for check in inspector.get_check_constraints(table):
        yield f"check {check['sqltext']}"
    for unique in inspector.get_unique_constraints(table):
        yield f"unique {' '.join(unique['column_names'])}"
    for index in inspector.get_indexes(table):
        if index["unique"]:
            yield f"unique {' '.join(name or '' for name in index['column_names'])}"
    for key in inspector.get_foreign_keys(table):
        yield f"reference {' '.join(key['constrained_columns'])} to {key['referred_table']}"


def troubles(before: Schema, after: Schema) -> list[str]:
    """Say what a version that knows only ``before`` could not live with."""
    return [
        f"{name}: {trouble}"
        for name, table in before.items()
        for trouble in (_troubles(table, after[name]) if name in after else ["the table is gone"])
    ]


def _troubles(before: Table, after: Table) -> Iterator[str]:
    for name, column in before.columns.items():
        yield from (f"{name} {trouble}" for trouble in _changes(column, after.columns.get(name)))
    for name, column in after.columns.items():
        if name not in before.columns and not (column.may_be_empty or column.has_default):
            yield f"{name} must be filled in, and who does not know it cannot"
    yield from (f"the rule is gone: {rule}" for rule in sorted(before.rules - after.rules))
    for rule in sorted(after.rules - before.rules):
        # One on new columns alone holds for those who leave them empty.
        if set(re.findall(r"\w+", rule)) & set(before.columns):
            yield f"the rule is new: {rule}"


def _changes(before: Column, after: Column | None) -> Iterator[str]:
    if after is None:
        yield "is gone"
        return
    if after.kind != before.kind:
        yield f"was {before.kind} and is {after.kind}"
    if before.may_be_empty and not after.may_be_empty:
        yield "may not be empty any more"
    if after.may_be_empty and not before.may_be_empty:
        yield "may be empty now"
    if before.has_default and not after.has_default:
        yield "has no default any more"
