"""The end of an account: planned, thought better of, and done."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from account_world import ADA, World, credentials, open_world
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.changes import Change
from webapp.accounts.model import Account, new_id
from webapp.accounts.owed import ERASURE_AFTER
from webapp.accounts.tables import account as accounts
from webapp.accounts.tables import link as links
from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.outbox import Entry
from webapp.outbox.tables import outbox


async def plan(world: World, account: Account) -> Entry:
    """Have the account erased, and give the entry that will do it."""
    assert await world.erasures.plan(account.id) is not None
    (entry,) = await world.owed(account, "erasure")
    return entry


async def let_the_day_come(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await db.execute(update(accounts).where(accounts.c.erase_at.is_not(None)).values(erase_at=past))


async def test_planned_erasure_ends_sessions_now_and_erases_in_a_week(world: World) -> None:
    account = await world.register()
    planned = await world.erasures.plan(account.id)
    assert planned is not None
    after, entries = planned
    assert after.erase_at is not None
    assert timedelta(days=7) == ERASURE_AFTER
    assert abs(after.erase_at - datetime.now(UTC) - ERASURE_AFTER) < timedelta(minutes=5)
    assert [entry.kind for entry in entries] == ["sessions"]
    (entry,) = await world.owed(account, "erasure")
    assert abs(entry.due - after.erase_at) < timedelta(minutes=5)
    assert (await world.letters(account))[-1] == "erasure-planned"


async def test_account_is_erased_with_all_that_is_its_own_when_the_day_has_come(
    world: World, engine: AsyncEngine
) -> None:
    account = await world.register()
    entry = await plan(world, account)
    await let_the_day_come(engine)
    await world.erasures.erase_due(entry)
    assert await world.service.find(account.id) is None
    with pytest.raises(WrongCredentials):
        await world.sign_in()
    async with engine.connect() as db:
        assert (await db.execute(select(links))).all() == []
        rows = (await db.execute(select(outbox))).all()
    assert sorted(row.kind for row in rows) == ["mail", "sessions"]
    assert {row.account_id for row in rows} == {None}
    await world.register(ADA)


async def test_account_is_not_erased_before_its_day(world: World) -> None:
    account = await world.register()
    await world.erasures.erase_due(await plan(world, account))
    assert await world.service.find(account.id) is not None


async def test_account_that_is_kept_is_not_erased(world: World, engine: AsyncEngine) -> None:
    account = await world.register()
    entry = await plan(world, account)
    kept = await world.erasures.cancel(account)
    assert kept is not None
    assert kept.erase_at is None
    assert await world.owed(account, "erasure") == []
    assert (await world.letters(account))[-1] == "erasure-cancelled"
    await let_the_day_come(engine)
    await world.erasures.erase_due(entry)
    assert await world.service.find(account.id) == kept


async def test_sign_in_with_a_password_that_was_replaced_meanwhile_keeps_nothing(world: World) -> None:
    account = await world.register()
    await plan(world, account)
    proven = await world.sign_in()
    await world.changes.apply(account.id, Change({"password_changed": datetime.now(UTC)}))
    assert await world.erasures.cancel(proven) is None
    assert len(await world.owed(account, "erasure")) == 1


async def test_second_plan_keeps_the_day_of_the_first(world: World) -> None:
    account = await world.register()
    first = await world.erasures.plan(account.id)
    second = await world.erasures.plan(account.id)
    assert first is not None
    assert second is not None
    assert second[0] == first[0]
    assert [entry.kind for entry in second[1]] == ["sessions"]
    assert len(await world.owed(account, "erasure")) == 1


async def test_plans_made_at_once_are_one(world: World) -> None:
    account = await world.register()
    planned = await asyncio.gather(*(world.erasures.plan(account.id) for _ in range(5)))
    assert len({after.erase_at for each in planned if each for after in [each[0]]}) == 1
    assert len(await world.owed(account, "erasure")) == 1
    assert (await world.letters(account)).count("erasure-planned") == 1


async def test_of_keeping_and_erasing_at_once_one_wins_whole(world: World, engine: AsyncEngine) -> None:
    for _ in range(5):
        account = await world.register()
        entry = await plan(world, account)
        await let_the_day_come(engine)
        kept, _ = await asyncio.gather(world.erasures.cancel(account), world.erasures.erase_due(entry))
        assert await world.service.find(account.id) == kept
        if kept:
            await world.erasures.erase_now(account.id)


async def test_operator_erases_without_waiting(world: World) -> None:
    account = await world.register()
    entries = await world.erasures.erase_now(account.id)
    assert entries is not None
    assert [entry.kind for entry in entries] == ["sessions"]
    assert await world.service.find(account.id) is None
    assert await world.erasures.erase_now(account.id) is None


async def test_nobodys_account_is_not_erased(world: World) -> None:
    assert await world.erasures.plan(new_id()) is None
    assert await world.erasures.cancel(credentials().account) is None


async def test_site_without_mail_erases_silently(engine: AsyncEngine) -> None:
    world = open_world(engine, sent=False)
    account = await world.register()
    await world.erasures.plan(account.id)
    assert sorted(entry.kind for entry in await world.outbox.about(account.id)) == ["erasure", "sessions"]


async def test_erasure_is_planned_and_told_where_nobody_can_count_its_notice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(purpose: str, subject: str) -> None:
        raise StoreUnavailable("Redis")

    account = await world.register()
    monkeypatch.setattr(world.mails, "take", away)
    await world.erasures.plan(account.id)
    assert (await world.letters(account))[-1] == "erasure-planned"
