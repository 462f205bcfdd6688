"""What is put in stands as firmly as the change that it belongs to, and no firmer."""

import sqlite3

import account_world
import psycopg
import pytest
from account_world import credentials
from outbox.world import DAY, MINUTE, NOW, Clock, claim_one, count, make_entry, put
from sqlalchemy import delete, event
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.tables import account as accounts
from webapp.database import autocommitting, open_engine, opening
from webapp.outbox import Outbox
from webapp.outbox.store import UNTIL_SWEPT


async def test_entry_comes_back_as_it_was_put_in(outbox: Outbox, engine: AsyncEngine) -> None:
    ada = credentials()
    await account_world.put(engine, ada)
    entry = make_entry("mail", ada.account.id, body={"letter": "confirm-email", "name": "Ada ☃"})
    await put(engine, entry)
    assert await outbox.about(ada.account.id) == [entry]


async def test_entry_of_a_change_that_is_rolled_back_is_not_there(outbox: Outbox, engine: AsyncEngine) -> None:
    async with engine.connect() as db:
        await outbox.put(db, [make_entry()])
        await db.rollback()
    assert await count(engine) == 0


async def test_entries_go_with_their_account_and_others_stay(outbox: Outbox, engine: AsyncEngine) -> None:
    ada = credentials()
    await account_world.put(engine, ada)
    await put(engine, make_entry("mail", ada.account.id), make_entry("erasure", ada.account.id), make_entry("mail"))
    async with engine.begin() as db:
        await db.execute(delete(accounts))
    assert await outbox.about(ada.account.id) == []
    assert await count(engine) == 1


async def test_entry_is_removed_once(outbox: Outbox, engine: AsyncEngine) -> None:
    entry = make_entry()
    await put(engine, entry)
    async with engine.begin() as db:
        assert await outbox.remove(db, entry.id)
        assert not await outbox.remove(db, entry.id)


async def test_cancelled_are_those_of_one_account_and_kind(outbox: Outbox, engine: AsyncEngine) -> None:
    ada, eve = credentials(), credentials("eve@example.com")
    for person in (ada, eve):
        await account_world.put(engine, person)
        await put(engine, make_entry("mail", person.account.id), make_entry("erasure", person.account.id))
    async with engine.begin() as db:
        await outbox.cancel(db, ada.account.id, "erasure")
    assert [entry.kind for entry in await outbox.about(ada.account.id)] == ["mail"]
    assert len(await outbox.about(eve.account.id)) == 2


async def test_listeners_hear_of_an_added_entry_when_others_can_see_it(outbox: Outbox, database_url: str) -> None:
    seen: list[int] = []
    outbox.listeners.add(lambda _: seen.append(_seen_by_another(database_url)))
    await outbox.add(make_entry())
    assert seen == [1]


async def test_put_wakes_nobody_before_the_transaction_has_ended(outbox: Outbox, engine: AsyncEngine) -> None:
    outbox.listeners.add(lambda _: pytest.fail("Nobody else can see the entry yet."))
    async with engine.begin() as db:
        await outbox.put(db, [make_entry()])


async def test_next_due_is_the_earliest_of_the_kinds_that_nobody_is_at(outbox: Outbox, clock: Clock) -> None:
    kinds = ["mail", "sessions"]
    assert await outbox.next_due(kinds) is None
    for due, kind in ((NOW + 3 * MINUTE, "mail"), (NOW, "mail"), (NOW + MINUTE, "sessions"), (NOW - MINUTE, "erasure")):
        await outbox.add(make_entry(kind, due=due))
    assert await outbox.next_due(kinds) == NOW
    await outbox.claim(kinds, 1, 2 * MINUTE)
    assert await outbox.next_due(kinds) == NOW + MINUTE
    clock.now += 2 * MINUTE
    assert await outbox.next_due(kinds) == NOW


async def test_look_at_sqlite_waits_for_no_writer(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_TIMEOUT", 0.1)
    engine = open_engine(sqlite_url)
    writer = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    writer.execute("BEGIN IMMEDIATE")
    assert await Outbox(engine).next_due(["mail"]) is None
    writer.close()
    await engine.dispose()


def _seen_by_another(database_url: str) -> int:
    statement = "SELECT count(*) FROM outbox"
    if database_url.startswith("postgres"):
        with psycopg.connect(database_url) as connection:
            [[found]] = connection.execute(statement).fetchall()
    else:
        sqlite = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        [[found]] = sqlite.execute(statement).fetchall()
        sqlite.close()
    return int(found)


async def test_sweep_takes_what_nobody_does_and_is_not_worth_doing_any_more(
    outbox: Outbox, engine: AsyncEngine, clock: Clock
) -> None:
    await put(engine, make_entry(), make_entry(until=NOW + DAY + MINUTE))
    clock.now = NOW + DAY + UNTIL_SWEPT
    await outbox.sweep()
    assert await count(engine) == 1
    clock.now += MINUTE
    # Somebody is at it.
    await claim_one(outbox)
    await outbox.sweep()
    assert await count(engine) == 1


@pytest.mark.parametrize("kinds", [["mail"], ["sessions", "mail", "erasure"]])
async def test_look_for_what_is_due_reads_the_index_of_each_kind(
    outbox: Outbox, engine: AsyncEngine, kinds: list[str]
) -> None:
    dues = {"watch": NOW - DAY, "mail": NOW + MINUTE, "erasure": NOW + DAY}
    await put(engine, *(make_entry(kind, due=due) for kind, due in dues.items()))
    statements = _statements(engine)
    assert await outbox.next_due(kinds) == NOW + MINUTE
    plan = await _plan(engine, *statements[-1])
    assert plan.count("ix_outbox_kind_due") == len(kinds)


async def test_nothing_is_due_of_no_kinds(outbox: Outbox, engine: AsyncEngine) -> None:
    await put(engine, make_entry())
    assert await outbox.next_due([]) is None


async def test_hastened_entry_comes_before_all_that_wait_their_turn(outbox: Outbox, engine: AsyncEngine) -> None:
    hastened = make_entry(due=NOW + DAY)
    await put(engine, make_entry(due=NOW - DAY), make_entry(due=NOW - MINUTE), hastened)
    async with engine.begin() as db:
        await outbox.hasten(db, [hastened.id])
    [first] = await outbox.claim(["mail"], 1, MINUTE)
    assert first.id == hastened.id


async def test_sweep_finds_its_rows_by_an_index(outbox: Outbox, engine: AsyncEngine) -> None:
    statements = _statements(engine)
    await outbox.sweep()
    assert "ix_outbox_until" in await _plan(engine, *statements[-1])


def _statements(engine: AsyncEngine) -> list[tuple[str, tuple[object, ...]]]:
    """Collect what the database is asked from now on, with its values."""
    asked: list[tuple[str, tuple[object, ...]]] = []

    def collect(_connection: object, _cursor: object, statement: str, values: tuple[object, ...], *_: object) -> None:
        asked.append((statement, values))

    event.listen(autocommitting(engine).sync_engine, "before_cursor_execute", collect)
    return asked


async def _plan(engine: AsyncEngine, statement: str, values: tuple[object, ...]) -> str:
    """Tell how a statement would be done in a table of many rows."""
    explain = "EXPLAIN QUERY PLAN "
    async with engine.connect() as db:
        if engine.dialect.name == "postgresql":
            explain = "EXPLAIN "
            await db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = (await db.exec_driver_sql(explain + statement, values)).all()
    return "\n".join(str(row[-1]) for row in rows)
