"""Choosing a new password without the old one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from account_life import NEW, THIRD, ask, change, reset
from account_world import ADA, NETWORK, PASSWORD, World, open_world
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.tables import account as accounts
from webapp.accounts.tables import link as links
from webapp.errors import DeadLink, SamePassword, TooManyTries, WeakPassword
from webapp.outbox.tables import outbox


async def age(engine: AsyncEngine, by: timedelta) -> None:
    """Make every link older."""
    async with engine.begin() as db:
        await db.execute(update(links).values(expires=datetime.now(UTC) + timedelta(minutes=30) - by))


TABLES = (accounts, links, outbox)


async def test_link_lets_choose_a_password_once(world: World) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    assert await world.passwords.find_reset(token) == account
    assert [entry.kind for entry in await reset(world, token)] == ["sessions", "account"]
    await world.sign_in(password=NEW)
    for _ in range(2):
        with pytest.raises(DeadLink):
            await world.passwords.find_reset(token)
        with pytest.raises(DeadLink):
            await reset(world, token, THIRD)
    await world.sign_in(password=NEW)


async def test_looking_at_a_link_changes_nothing(world: World, engine: AsyncEngine) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")

    async def everything() -> list[object]:
        async with engine.connect() as db:
            return [(await db.execute(select(table).order_by(*table.primary_key))).all() for table in TABLES]

    before = await everything()
    for _ in range(3):
        await world.passwords.find_reset(token)
    assert await everything() == before


async def test_link_used_by_ten_at_once_works_for_one(world: World) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    found = [f"{NEW} {number}" for number in range(10)]
    outcomes = await asyncio.gather(*(reset(world, token, new) for new in found), return_exceptions=True)
    won = [new for new, outcome in zip(found, outcomes, strict=True) if not isinstance(outcome, Exception)]
    assert len(won) == 1
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, Exception)} == {DeadLink}
    await world.sign_in(password=won[0])


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "\0" * 43, "' OR 1=1 --"])
async def test_token_that_is_none_opens_nothing(world: World, token: str) -> None:
    await world.register()
    await ask(world)
    with pytest.raises(DeadLink):
        await world.passwords.find_reset(token)


async def test_token_that_was_cut_or_is_for_something_else_opens_nothing(world: World) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    for other in (token[:-1], token + "A", await world.token(account, "confirm-email")):
        with pytest.raises(DeadLink):
            await world.passwords.find_reset(other)


async def test_link_is_dead_after_half_an_hour_and_swept_away(world: World, engine: AsyncEngine) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    await age(engine, timedelta(minutes=30))
    with pytest.raises(DeadLink):
        await world.passwords.find_reset(token)
    with pytest.raises(DeadLink):
        await reset(world, token)
    await world.service.sweep()
    assert await world.service.links_of(account.id) == []


async def test_newer_link_kills_the_older_one(world: World) -> None:
    account = await world.register()
    await ask(world)
    older = await world.token(account, "reset-password")
    await ask(world)
    newer = await world.token(account, "reset-password")
    with pytest.raises(DeadLink):
        await reset(world, older)
    assert await reset(world, newer)


async def test_changed_password_kills_the_link(world: World) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    await change(world, account)
    with pytest.raises(DeadLink):
        await reset(world, token, THIRD)


async def test_changed_email_kills_the_link(world: World) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    await world.addresses.request_change(account.id, "ada@elsewhere.example")
    await world.addresses.confirm(await world.token(account, "confirm-new-email"))
    with pytest.raises(DeadLink):
        await reset(world, token)


async def test_reset_with_a_weak_password_or_the_old_one_leaves_the_link_good(world: World) -> None:
    account = await world.register()
    await ask(world)
    token = await world.token(account, "reset-password")
    with pytest.raises(WeakPassword):
        await reset(world, token, "password1")
    with pytest.raises(SamePassword):
        await reset(world, token, PASSWORD)
    assert await reset(world, token)


async def test_reset_proves_the_email(world: World) -> None:
    account = await world.register()
    await ask(world)
    await reset(world, await world.token(account, "reset-password"))
    found = await world.service.find(account.id)
    assert found is not None
    assert found.confirmed is not None


async def test_request_asks_the_database_the_same_whether_there_is_an_account_or_not(world: World) -> None:
    await world.register()
    for email in (ADA, "nobody@example.com"):
        await world.passwords.request_reset(email, network=NETWORK)
    kept = await world.outbox.claim(["reset"], 100, timedelta(seconds=60))
    assert sorted(entry.body["email_key"] for entry in kept) == ["ada@example.com", "nobody@example.com"]
    assert {entry.account_id for entry in kept} == {None}


async def test_request_for_an_unknown_email_sends_nothing(world: World) -> None:
    account = await world.register()
    await ask(world, "nobody@example.com")
    assert await world.letters(account) == ["confirm-email"]
    assert await world.outbox.claim(["mail", "reset"], 100, timedelta(seconds=60)) == await world.owed(account, "mail")


async def test_link_goes_to_the_address_that_is_stored_and_not_to_the_one_that_was_typed(world: World) -> None:
    account = await world.register()
    await ask(world, "ADA@EXAMPLE.COM")
    assert (await world.owed(account, "mail"))[-1].body["to"] == ADA


async def test_request_that_is_done_twice_sends_one_mail(world: World) -> None:
    account = await world.register()
    await world.passwords.request_reset(ADA, network=NETWORK)
    (entry,) = await world.outbox.claim(["reset"], 1, timedelta(seconds=60))
    for _ in range(2):
        await world.passwords.send_reset(entry)
    assert await world.letters(account) == ["confirm-email", "reset-password"]


async def test_requests_for_one_address_are_limited(engine: AsyncEngine) -> None:
    world = open_world(engine, mails=1)
    await world.passwords.request_reset(ADA, network=NETWORK)
    with pytest.raises(TooManyTries):
        await world.passwords.request_reset(ADA.upper(), network=NETWORK)
    assert len(await world.outbox.claim(["reset"], 100, timedelta(seconds=60))) == 1


async def test_account_that_is_to_be_erased_can_get_a_new_password(world: World) -> None:
    account = await world.register()
    await world.erasures.plan(account.id)
    await ask(world)
    token = await world.token(account, "reset-password")
    assert (await world.owed(account, "mail"))[-1].body["erase_at"]
    await reset(world, token)
    found = await world.sign_in(password=NEW)
    assert found.erase_at is not None
