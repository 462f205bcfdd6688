import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from account_world import ADA, NETWORK, PASSWORD, SESSION, GatedArgon2, RecordingArgon2, World, open_world
from argon2.profiles import CHEAPEST
from gate import Gate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.model import Account, new_id
from webapp.accounts.passwords import QUEUE_PER_PROCESSOR
from webapp.errors import Busy, EmailTaken, StoreUnavailable, TooManyTries, WeakPassword, WrongCredentials

KEY = "ada@example.com"


async def test_registered_person_is_a_member_who_is_not_confirmed(world: World) -> None:
    account = await world.register(f" {ADA} ")
    assert (account.email, account.name, account.role, account.confirmed) == (ADA, "Ada Lovelace", "member", None)
    assert abs((datetime.now(UTC) - account.created).total_seconds()) < 60
    assert await world.service.find(account.id) == account


async def test_registration_keeps_a_hash_and_never_the_password(world: World, engine: AsyncEngine) -> None:
    account = await world.register()
    async with engine.connect() as db:
        row = (await db.execute(text("SELECT * FROM account"))).one()
    assert PASSWORD not in str(row)
    assert row.password_hash.startswith("$argon2id$")
    assert row.password_hash not in repr(await world.store.by_id(account.id))


async def test_operator_may_register_an_admin(world: World) -> None:
    account = await world.service.register(ADA, "Ada Lovelace", PASSWORD, "admin")
    assert account.role == "admin"
    assert await world.service.find(account.id) == account


async def test_account_is_found_by_its_email_in_any_case_and_by_nothing_else(world: World) -> None:
    account = await world.register()
    for email in (ADA, f" {ADA.upper()} "):
        assert await world.service.find_by_email(email) == account
    for email in ("bob@example.com", "no email", "", "\0"):
        assert await world.service.find_by_email(email) is None


async def test_changed_role_comes_back_with_the_account(world: World) -> None:
    account = await world.register()
    changed = await world.service.set_role(account.id, "admin")
    assert changed is not None
    assert changed[0] == replace(account, role="admin")
    assert await world.service.find(account.id) == changed[0]
    assert await world.service.set_role(new_id(), "admin") is None


async def test_database_is_asked_for_its_migrations_until_they_are_there(world: World, engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(text("ALTER TABLE alembic_version RENAME TO hidden"))
    assert await world.service.is_migrated() is False
    async with engine.begin() as db:
        await db.execute(text("ALTER TABLE hidden RENAME TO alembic_version"))
    assert await world.service.is_migrated() is True
    async with engine.begin() as db:
        await db.execute(text("DROP TABLE alembic_version"))
    assert await world.service.is_migrated() is True


async def test_second_registration_of_an_email_in_other_case_is_refused(world: World) -> None:
    await world.register()
    with pytest.raises(EmailTaken):
        await world.register(ADA.upper())


async def test_parallel_registrations_of_one_email_leave_one_winner(engine: AsyncEngine) -> None:
    threads = 4
    world = open_world(engine, threads=threads)
    # No more than find a place at once, on a single processor too: nobody is told that the queue is full.
    people = threads + QUEUE_PER_PROCESSOR

    async def registered() -> Account | None:
        while True:
            try:
                return await world.register()
            except EmailTaken:
                return None
            except StoreUnavailable:
                # Somebody waited too long for the only writer of SQLite, on a disk that was slow; he comes again.
                continue

    outcomes = await asyncio.gather(*(registered() for _ in range(people)))
    winners = [account for account in outcomes if account]
    assert len(winners) == 1
    assert await world.sign_in() == winners[0]


async def test_weak_password_opens_no_account_and_says_why(world: World) -> None:
    with pytest.raises(WeakPassword) as weak:
        await world.service.register(ADA, "Ada Lovelace", "lovelace1815")
    assert "your own name" in weak.value.reason
    assert await world.store.by_email_key(KEY) is None


@pytest.mark.parametrize(("email", "name"), [("no email", "Ada"), (ADA, ""), (ADA, "Ada\nLovelace")])
async def test_unreadable_email_or_name_opens_no_account(world: World, email: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        await world.service.register(email, name, PASSWORD)


async def test_right_password_signs_in_whatever_the_case_of_the_email(world: World) -> None:
    account = await world.register()
    for email in (ADA, ADA.lower(), f" {ADA.upper()} "):
        assert await world.sign_in(email) == account


async def test_unknown_email_wrong_password_and_junk_do_the_same_work_and_answer_the_same(world: World) -> None:
    await world.register()
    answers = set()
    for email, password in [(ADA, "wrong"), ("bob@example.com", PASSWORD), ("\0no email", PASSWORD), (ADA, "\ud800")]:
        recording = world.hasher._argon2 = RecordingArgon2(CHEAPEST)
        with pytest.raises(WrongCredentials) as refusal:
            await world.sign_in(email, password)
        answers.add((repr(refusal.value), tuple(p.memory_cost * p.time_cost for p in recording.verified)))
    assert answers == {("WrongCredentials()", (CHEAPEST.memory_cost * CHEAPEST.time_cost,))}


async def test_wrong_passwords_are_counted_by_key_and_network_and_forgotten_after_a_right_one(world: World) -> None:
    await world.register()
    for email in (ADA, ADA.upper()):
        with pytest.raises(WrongCredentials):
            await world.sign_in(email, "wrong")
    assert world.tries.taken == {(KEY, NETWORK): 2}
    await world.sign_in()
    assert not world.tries.taken


async def test_guesses_sent_at_once_do_not_pass_the_limit(engine: AsyncEngine) -> None:
    world = open_world(engine, threads=4, limit=5)
    await world.register()
    recording = world.hasher._argon2 = RecordingArgon2(CHEAPEST)
    outcomes = await asyncio.gather(*(world.sign_in(password="wrong") for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, WrongCredentials) for outcome in outcomes) == len(recording.verified) == 5
    # Whoever found the queue full was not even counted.
    assert sum(isinstance(outcome, TooManyTries | Busy) for outcome in outcomes) == 15


async def test_right_password_past_the_limit_is_refused_too(engine: AsyncEngine) -> None:
    world = open_world(engine, limit=0)
    await world.register()
    with pytest.raises(TooManyTries):
        await world.sign_in()


async def test_full_queue_is_busy_and_costs_nobody_a_try(engine: AsyncEngine, gate: Gate) -> None:
    world = open_world(engine, threads=1)
    world.hasher._argon2 = GatedArgon2(gate)
    waiting = [asyncio.create_task(world.hasher.hash(PASSWORD)) for _ in range(1 + QUEUE_PER_PROCESSOR)]
    await asyncio.sleep(0)
    for attempt in (
        world.sign_in(),
        world.service.confirm_password(new_id(), PASSWORD, network=NETWORK, session_id=SESSION),
    ):
        with pytest.raises(Busy):
            await attempt
    assert not world.tries.taken
    gate.open()
    await asyncio.gather(*waiting)
    world.service.close()


async def test_rush_of_right_passwords_costs_nobody_a_try(engine: AsyncEngine) -> None:
    slow = replace(CHEAPEST, memory_cost=8 * 1024)
    world = open_world(engine, slow, threads=1)
    await world.register()
    rush = await asyncio.gather(*(world.sign_in() for _ in range(4 * QUEUE_PER_PROCESSOR)), return_exceptions=True)
    assert {type(answer) for answer in rush} == {Account, Busy}
    assert not +world.tries.taken
    world.service.close()


async def test_confirmed_password_has_tries_of_its_own_session(world: World) -> None:
    account = await world.register()
    with pytest.raises(WrongCredentials):
        await world.service.confirm_password(account.id, "wrong", network=NETWORK, session_id=SESSION)
    assert world.tries.taken == {(KEY, SESSION): 1}
    assert await world.service.confirm_password(account.id, PASSWORD, network=NETWORK, session_id=SESSION) == account
    assert not world.tries.taken


async def test_confirming_for_an_account_that_is_gone_is_a_wrong_password(world: World) -> None:
    with pytest.raises(WrongCredentials):
        await world.service.confirm_password(new_id(), PASSWORD, network=NETWORK, session_id=SESSION)


async def test_sign_in_renews_a_hash_with_old_parameters(world: World, engine: AsyncEngine) -> None:
    account = await world.register()
    newer = open_world(engine, replace(CHEAPEST, time_cost=2))
    assert await newer.sign_in() == account
    renewed = await newer.store.by_id(account.id)
    assert renewed is not None
    assert not newer.hasher.outdated(renewed.password_hash)
    assert await newer.sign_in() == account
    assert await newer.store.by_id(account.id) == renewed


async def test_wrong_password_renews_nothing(world: World, engine: AsyncEngine) -> None:
    account = await world.register()
    before = await world.store.by_id(account.id)
    with pytest.raises(WrongCredentials):
        await open_world(engine, replace(CHEAPEST, time_cost=2)).sign_in(password="wrong")
    assert await world.store.by_id(account.id) == before


async def test_sign_in_succeeds_although_the_hash_cannot_be_renewed(
    world: World, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    account = await world.register()
    newer = open_world(engine, replace(CHEAPEST, time_cost=2))
    found = await newer.store.by_id(account.id)
    assert found is not None
    await _lock_out_writers(engine)
    with caplog.at_level(logging.WARNING):
        assert await newer.sign_in() == account
    assert account.id in caplog.text
    assert found.password_hash not in caplog.text
    assert await newer.store.by_id(account.id) == found


async def _lock_out_writers(engine: AsyncEngine) -> None:
    # Renewing then fails as a database does that has become read-only, as after a failover.
    read_only = "PRAGMA query_only = ON"
    if engine.dialect.name == "postgresql":
        async with engine.connect() as db:
            name = (await db.execute(text("SELECT current_database()"))).scalar_one()
            await db.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
            await db.commit()
        await engine.dispose()
        return
    async with engine.connect() as db:
        await db.execute(text(read_only))
