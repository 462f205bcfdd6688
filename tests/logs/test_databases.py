"""What a database says of a row that it refuses holds the row; the log does not."""

import logging
from datetime import UTC, datetime

import pytest
from argon2.profiles import CHEAPEST
from log_lines import captured
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts import tables
from webapp.accounts.passwords import PasswordHasher
from webapp.database import open_engine

EMAIL = "ada@example.test"
NAME = "Ada Lovelace"


@pytest.mark.parametrize("fault", ["a second row", "a role that does not exist"])
async def test_refused_row_is_told_without_what_stands_in_it(database_url: str, fault: str) -> None:
    hashed = await PasswordHasher(CHEAPEST).hash("seven purple lanterns")
    engine = open_engine(database_url)
    try:
        with captured() as log, pytest.raises(IntegrityError):
            await _offend(engine, hashed, "member" if fault == "a second row" else "emperor")
    finally:
        await engine.dispose()
    (entry,) = log.entries
    assert entry["exception"] == "sqlalchemy.exc.IntegrityError"
    assert "INSERT INTO account" in entry["traceback"]
    assert [told for told in (EMAIL, NAME, hashed, hashed.rpartition("$")[2]) if told in log.text] == []


async def _offend(engine: AsyncEngine, hashed: str, role: str) -> None:
    row = {"email": EMAIL, "email_key": EMAIL, "name": NAME, "role": role, "password_hash": hashed}
    try:
        for number in range(2):
            async with engine.begin() as db:
                await db.execute(insert(tables.account).values(id=str(number), created=datetime.now(UTC), **row))
    except IntegrityError:
        logging.getLogger("webapp.some").exception("The row was refused.")
        raise
