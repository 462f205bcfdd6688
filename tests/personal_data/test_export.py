"""The export is everything about a person, but for what it names as left out."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from life import NEW_EMAIL, Life
from session_fields import ACCOUNT, DUE, SLOT, sessions_in, snapshot_in
from stores import Stores

from webapp.accounts import owed
from webapp.accounts.model import new_id
from webapp.database import metadata
from webapp.outbox import Entry
from webapp.personal_data import as_text, export
from webapp.personal_data.exporting import NOT_INCLUDED

SECTIONS = {
    "account": "account",
    "event": "history",
    "known_browser": "browsers",
    "link": "links",
    "outbox": "waiting",
}
STORED_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
Rows = list[dict[str, Any]]
# Seconds that may have passed between two steps of one sign-in.
PASSED = 30
MOMENTS = {"created", "seen", "confirmed", "expires"}
# Where nothing says otherwise, a session is not remembered and began with a password.
UNSAID = {"remembered", "method"}


@pytest.fixture
async def document(life: Life) -> dict[str, Any]:
    """Give what somebody who has lived here gets."""
    return await exported(life)


async def exported(life: Life) -> dict[str, Any]:
    document = await export(life.services, life.account.id)
    assert document is not None
    # As it is read from the file.
    loaded: dict[str, Any] = json.loads(as_text(document))
    return loaded


@pytest.fixture
def rows(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Look into the database past the application."""
    with closing(sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")), check_same_thread=False)) as db:
        db.row_factory = sqlite3.Row
        yield db


async def test_every_value_in_sql_is_in_it_or_named_as_left_out(life: Life, rows: sqlite3.Connection) -> None:
    assert SECTIONS.keys() == metadata.tables.keys()
    written, document = await unchanged_meanwhile(life, rows)
    for table, section in SECTIONS.items():
        sections = document[section] if isinstance(document[section], list) else [document[section]]
        assert len(written[table]) == len(sections) > 0
        for row in written[table]:
            told = {name: _told(value) for name, value in row.items() if f"{table}.{name}" not in NOT_INCLUDED}
            assert _without_left_out(told) in sections, table


async def unchanged_meanwhile(life: Life, rows: sqlite3.Connection) -> tuple[dict[str, Rows], dict[str, Any]]:
    """Give all rows and an export, of a moment in which no server tried to send one of the mails."""
    while True:
        before = await asyncio.to_thread(_all_rows, rows)
        document = await exported(life)
        if before == await asyncio.to_thread(_all_rows, rows):
            return before, document


def _all_rows(rows: sqlite3.Connection) -> dict[str, Rows]:
    return {table: [dict(row) for row in rows.execute(f"SELECT * FROM {table}")] for table in SECTIONS}  # noqa: S608 - our own


def _told(value: object) -> object:
    if isinstance(value, str) and STORED_MOMENT.fullmatch(value):
        return f"{value.replace(' ', 'T')}Z".replace(".000000Z", "Z")
    return value


def _without_left_out(row: dict[str, Any]) -> dict[str, Any]:
    if "body" not in row:
        return row
    body = json.loads(row["body"])
    return {**row, "body": {name: text for name, text in body.items() if f"outbox.body.{name}" not in NOT_INCLUDED}}


async def test_every_value_in_redis_is_in_it_or_named_as_left_out(
    document: dict[str, Any], stores: Stores, life: Life
) -> None:
    kinds = set()
    for key in stores.every_key():
        kind, _, _ = key.partition(":")
        kinds.add(kind)
        match kind:
            case "in":
                fields: dict[str, str] = stores.redis.hgetall(key)  # type: ignore[assignment]  # Answers are decoded.
                _check_sessions(document, sessions_in(fields))
                assert {**document["account"], "confirmed": "0"}.items() >= snapshot_in(fields).items()
                assert document["account"]["confirmed"] is None
                assert {name for name in fields if len(name) <= SLOT} == {*ACCOUNT.values(), DUE}
                assert "sessions.due" in NOT_INCLUDED
            case _:
                assert kind in NOT_INCLUDED
    assert kinds == {"in", "done", "throttle"}


def _check_sessions(document: dict[str, Any], records: dict[str, dict[str, str]]) -> None:
    sessions = {session["id"]: session for session in document["sessions"]}
    assert {session_id for session_id, record in records.items() if "was" not in record} == sessions.keys()
    for session_id, record in records.items():
        if session_id in sessions:
            _check_session(sessions[session_id], record)
        else:
            _check_ended(document["history"], session_id, record)


def _check_session(told: dict[str, Any], record: dict[Any, Any]) -> None:
    for field, value in record.items():
        assert f"session.{field}" in NOT_INCLUDED or _as_stored(told, field) == value, field


def _check_ended(history: Rows, session_id: str, record: dict[Any, Any]) -> None:
    assert {f"ended_session.{field}" for field in record.keys() - UNSAID} <= NOT_INCLUDED.keys()
    lines = {event["kind"]: event for event in history if event["session_id"] == session_id}
    began, ended = (datetime.fromisoformat(lines[kind]["at"]).timestamp() for kind in ("signed-in", "ended"))
    # A session is looked after from a moment before it begins; a busy machine makes seconds of it.
    assert 0 <= int(record["created"]) - int(began) <= PASSED
    assert ended == int(record["at"])
    assert lines["ended"]["body"].items() >= {name: record[name] for name in ("reason", "by")}.items()


def _as_stored(session: dict[str, Any], field: str) -> str:
    value = f"{session['kind']}:{session['device']}" if field == "device" else session[field]
    if field in MOMENTS:
        return str(int(datetime.fromisoformat(value).timestamp()))
    return str(int(value) if isinstance(value, bool) else value)


async def test_no_secret_is_in_it(
    document: dict[str, Any], life: Life, stores: Stores, rows: sqlite3.Connection
) -> None:
    text = json.dumps(document)
    secrets = {*stores.secret_hashes()}
    secrets |= {row["token_hash"] for row in rows.execute("SELECT token_hash FROM link")}
    secrets |= {row["token_hash"] for row in rows.execute("SELECT token_hash FROM event") if row["token_hash"]}
    for row in rows.execute("SELECT name, secret, previous FROM known_browser"):
        secrets |= {value for value in row if value}
    secrets |= {row["password_hash"] for row in rows.execute("SELECT password_hash FROM account")}
    bodies = [json.loads(row["body"]) for row in rows.execute("SELECT body FROM outbox")]
    secrets |= {body[name] for body in bodies for name in ("seed", "hash") if name in body}
    assert len(secrets) > 5
    assert [secret for secret in secrets if secret in text] == []


async def test_all_moments_are_in_utc(document: dict[str, Any]) -> None:
    moments = re.findall(r'"(\d{4}-\d\d-\d\dT[^"]*)"', json.dumps(document))
    assert len(moments) > 10
    assert [moment for moment in moments if not moment.endswith("Z")] == []
    assert all(datetime.fromisoformat(moment).tzinfo == UTC for moment in moments)


async def test_what_waits_without_an_account_is_in_it_only_for_its_own_person(life: Life) -> None:
    for email in (f"x{life.account.email}", NEW_EMAIL):
        entry = Entry.new(owed.MAIL, None, {"letter": "erasure-done", "to": email, "name": "Ada"})
        await life.services.outbox.add(replace(entry, due=entry.due + timedelta(hours=1)))
    addresses = [each["body"].get("to") for each in (await exported(life))["waiting"] if each["account_id"] is None]
    # Those of this person are a wish for a new password and a wrong one.
    assert addresses == [None, None]


async def test_nothing_of_others_is_in_it(life: Life) -> None:
    eve = life.site.browser("198.51.100.9")
    # With a space: three letters alone come up in a random id once in a thousand runs.
    await eve.register(name="Eve Adams")
    other = await life.services.accounts.find_by_email(eve.email)
    assert other is not None
    text = json.dumps(await exported(life))
    assert [trace for trace in (eve.email, "Eve Adams", other.id, "198.51.100.9") if trace in text] == []


async def test_nobody_gets_an_export_of_an_account_that_is_gone(life: Life) -> None:
    assert await export(life.services, new_id()) is None
    await life.services.erasures.erase_now(life.account.id)
    assert await export(life.services, life.account.id) is None


def test_any_text_survives_the_file() -> None:
    document = {"name": "Ada \x9b31m\x1b[0m 🌻 “é”"}
    for ascii_only in (True, False):
        text = as_text(document, ascii_only=ascii_only)
        assert json.loads(text) == document
        assert text.isascii() == ascii_only
