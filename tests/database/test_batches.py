"""Any number of rows is deleted, a thousand at a time and the oldest first."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.tables import account, known_browser
from webapp.database import batches, delete_in_batches, open_engine

NOW = datetime.now(UTC)
USED = known_browser.c.used
KEY = [known_browser.c.account_id, known_browser.c.name]
ROWS = 25


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 10)


async def put(engine: AsyncEngine, ages: Collection[int]) -> None:
    """Put rows that are so many minutes old."""
    ada = {"id": "a" * 22, "email": "ada@example.test", "email_key": "ada@example.test", "name": "Ada"}
    more = {"role": "member", "created": NOW, "password_hash": "x", "password_changed": NOW}
    rows = [
        {"account_id": ada["id"], "name": str(age), "secret": "x", "created": NOW, "used": NOW - timedelta(minutes=age)}
        for age in ages
    ]
    async with engine.begin() as db:
        await db.execute(insert(account).values({**ada, **more}))
        await db.execute(insert(known_browser), rows)


@pytest.fixture
async def deletions(engine: AsyncEngine) -> list[int]:
    """Put rows, and collect how many of them each statement deletes."""
    await put(engine, range(ROWS))
    return counted(engine)


def counted(engine: AsyncEngine) -> list[int]:
    counts: list[int] = []

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def count(_: object, cursor: object, statement: str, *__: object) -> None:
        if "DELETE FROM" in statement:
            counts.append(cursor.rowcount)  # type: ignore[attr-defined]  # Every DELETE has one.

    return counts


async def left(engine: AsyncEngine) -> int:
    async with engine.connect() as db:
        return int((await db.execute(select(func.count()).select_from(known_browser))).scalar_one())


async def test_no_statement_deletes_more_than_a_batch(engine: AsyncEngine, deletions: list[int]) -> None:
    await delete_in_batches(engine, KEY, NOW - timedelta(days=1) < USED, USED)
    assert deletions == [10, 10, 5]
    assert await left(engine) == 0


async def test_only_what_meets_the_condition_is_deleted(engine: AsyncEngine, deletions: list[int]) -> None:
    await delete_in_batches(engine, KEY, NOW - timedelta(minutes=20) >= USED, USED)
    assert deletions == [5]
    assert await left(engine) == 20


async def test_what_somebody_holds_on_postgresql_is_passed_over(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    await put(engine, [1, 2])
    async with engine.begin() as db:
        await db.execute(select(known_browser.c.name).where(known_browser.c.name == "2").with_for_update())
        await delete_in_batches(engine, KEY, USED <= NOW, USED)
    assert await left(engine) == 1
    await engine.dispose()
