import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from account_world import ADA, credentials, put
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts import emails
from webapp.accounts.store import AccountStore
from webapp.accounts.tables import account as accounts
from webapp.errors import EmailTaken
from webapp.shielding import settle


async def test_ping_of_a_running_database_is_silent(store: AccountStore) -> None:
    await store.ping()


async def test_added_account_is_found_by_id_and_by_email_key(engine: AsyncEngine, store: AccountStore) -> None:
    ada = credentials()
    await put(engine, ada)
    assert await store.by_id(ada.account.id) == ada
    assert await store.by_email_key(ada.email_key) == ada


async def test_times_come_back_aware_and_in_utc(engine: AsyncEngine, store: AccountStore) -> None:
    moment = datetime(2026, 3, 4, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    ada = credentials()
    await put(engine, replace(ada, account=replace(ada.account, created=moment, confirmed=moment)))
    found = await store.by_id(ada.account.id)
    assert found is not None
    assert found.account.created == found.account.confirmed == moment
    assert found.account.created.tzinfo is UTC


async def test_naive_time_is_refused(engine: AsyncEngine, store: AccountStore) -> None:
    ada = credentials()
    naive = datetime(2026, 3, 4)  # noqa: DTZ001 - this is the mistake that is tested.
    with pytest.raises(StatementError, match="time zone"):
        await put(engine, replace(ada, account=replace(ada.account, created=naive)))


@pytest.mark.parametrize("account_id", ["x" * 22, "", "\0", "\ud800", "' OR 1=1 --", "x" * 10_000])
async def test_unknown_id_finds_nothing(engine: AsyncEngine, store: AccountStore, account_id: str) -> None:
    await put(engine, credentials())
    assert await store.by_id(account_id) is None


async def test_second_account_with_the_email_in_other_case_is_refused(engine: AsyncEngine, store: AccountStore) -> None:
    await put(engine, credentials(ADA))
    with pytest.raises(EmailTaken):
        await put(engine, credentials(ADA.swapcase()))


async def test_twenty_adds_of_one_email_at_once_leave_one_account(store: AccountStore, engine: AsyncEngine) -> None:
    outcomes = await asyncio.gather(*(put(engine, credentials()) for _ in range(20)), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, EmailTaken) for outcome in outcomes) == 19
    async with engine.connect() as db:
        assert (await db.execute(text("SELECT count(*) FROM account"))).scalar_one() == 1


async def test_refusal_of_a_taken_email_does_not_carry_the_email(engine: AsyncEngine, store: AccountStore) -> None:
    await put(engine, credentials())
    with pytest.raises(EmailTaken) as refusal:
        await put(engine, credentials())
    assert refusal.value.__suppress_context__


async def test_other_broken_constraint_is_not_taken_for_a_taken_email(store: AccountStore, engine: AsyncEngine) -> None:
    ada = credentials()
    await put(engine, ada)
    with pytest.raises(IntegrityError) as error:
        await put(engine, replace(ada, email_key=emails.normalise("account_email_key@example.com")))
    assert "a hash" not in str(error.value)
    with pytest.raises(IntegrityError):
        async with engine.begin() as db:
            await db.execute(insert(accounts).values({**_row(), "role": "owner"}))


async def test_hash_is_replaced_when_it_is_still_the_old_one(engine: AsyncEngine, store: AccountStore) -> None:
    ada = credentials()
    await put(engine, ada)
    assert await store.replace_hash(ada.account.id, "a hash", "newer") is True
    assert await store.by_id(ada.account.id) == replace(ada, password_hash="newer")


async def test_hash_that_changed_meanwhile_is_left_alone(engine: AsyncEngine, store: AccountStore) -> None:
    ada = credentials()
    await put(engine, ada)
    assert await store.replace_hash(ada.account.id, "another hash", "newer") is False
    assert await store.by_id(ada.account.id) == ada


async def test_role_is_changed_for_one_account_alone(engine: AsyncEngine, store: AccountStore) -> None:
    ada, bob = credentials(), credentials("bob@example.com")
    await put(engine, ada)
    await put(engine, bob)
    assert await store.set_role(ada.account.id, "admin") is True
    assert await store.by_id(ada.account.id) == replace(ada, account=replace(ada.account, role="admin"))
    assert await store.by_id(bob.account.id) == bob


async def test_role_of_nobody_is_not_changed(store: AccountStore) -> None:
    assert await store.set_role(credentials().account.id, "admin") is False


async def test_migrated_database_is_known_for_one_and_one_that_lost_its_tables_is_not(
    store: AccountStore, engine: AsyncEngine
) -> None:
    assert await store.is_migrated() is True
    async with engine.begin() as db:
        await db.execute(text("DROP TABLE alembic_version"))
    assert await store.is_migrated() is False


async def test_add_is_finished_although_its_caller_is_cancelled(engine: AsyncEngine, store: AccountStore) -> None:
    ada = credentials()
    adding = asyncio.create_task(put(engine, ada))
    await asyncio.sleep(0)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    await settle()
    assert await store.by_id(ada.account.id) == ada


async def test_cancelled_reads_leave_the_pool_usable(store: AccountStore) -> None:
    for _ in range(30):
        reading = asyncio.create_task(store.by_email_key("x@example.com"))
        await asyncio.sleep(0.001)
        reading.cancel()
    await asyncio.gather(*(store.ping() for _ in range(10)))
    await settle()


def _row() -> dict[str, object]:
    account = credentials("bob@example.com").account
    return {
        "id": account.id,
        "email": account.email,
        "email_key": "bob@example.com",
        "name": account.name,
        "role": account.role,
        "password_hash": "a hash",
        "created": account.created,
    }
