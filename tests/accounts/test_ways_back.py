"""The way back to an email that was the account's before."""

from datetime import UTC, datetime, timedelta

import pytest
from account_life import CLIENT, ELSEWHERE, confirmed, moved
from account_world import ADA, PASSWORD, World
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.tables import account as accounts
from webapp.accounts.tables import link as links
from webapp.errors import DeadLink, EmailTaken, SamePassword, WrongCredentials


async def _expire(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(update(links).values(expires=datetime.now(UTC) - timedelta(seconds=1)))


async def test_old_address_is_told_and_has_a_way_back(world: World) -> None:
    account = await confirmed(world)
    await moved(world, account)
    mail = (await world.owed(account, "mail"))[-1]
    assert (mail.body["letter"], mail.body["to"]) == ("email-changed", ADA)
    assert ELSEWHERE not in mail.body.values()
    token = await world.token(account, "email-changed")
    assert (await world.addresses.find_restore(token)).email == ADA
    after, entries = await world.addresses.restore(token)
    assert after.email == ADA
    assert [entry.kind for entry in entries] == ["sessions", "account"]
    with pytest.raises(DeadLink):
        await world.addresses.restore(token)


async def test_after_the_way_back_nobody_gets_in_but_by_a_new_password_from_that_inbox(world: World) -> None:
    account = await confirmed(world)
    await moved(world, account)
    await world.addresses.restore(await world.token(account, "email-changed"))
    with pytest.raises(WrongCredentials):
        await world.sign_in(ADA, PASSWORD)
    mails = {entry.body["letter"]: entry.body["to"] for entry in await world.owed(account, "mail")}
    assert mails["email-restored"] == ADA
    # The address that loses the account may have been its owner's.
    assert mails["email-moved-back"] == ELSEWHERE
    token = await world.token(account, "email-restored")
    # Whoever moved the account away knew it.
    with pytest.raises(SamePassword):
        await world.passwords.reset(token, PASSWORD, client=CLIENT)
    await world.passwords.reset(token, "eleven copper umbrellas", client=CLIENT)
    await world.sign_in(ADA, "eleven copper umbrellas")


async def test_address_that_was_never_proven_gets_no_way_back(world: World) -> None:
    account = await world.register("mistyped@example.com")
    await moved(world, account)
    mail = (await world.owed(account, "mail"))[-1]
    assert mail.body["letter"] == "email-left"
    assert "seed" not in mail.body
    assert await world.service.links_of(account.id) == []


async def test_thief_who_moves_on_twice_does_not_cut_off_the_way_back(world: World) -> None:
    account = await confirmed(world)
    await moved(world, account, "thief@elsewhere.example")
    back = await world.token(account, "email-changed")
    await moved(world, account, "other@elsewhere.example")
    after, _ = await world.addresses.restore(back)
    assert after.email == ADA
    assert [link.purpose for link in await world.service.links_of(account.id)] == ["reset"]


async def test_thief_who_goes_back_to_his_own_address_does_not_cut_off_the_way_back(world: World) -> None:
    account = await confirmed(world)
    await moved(world, account, "thief@elsewhere.example")
    back = await world.token(account, "email-changed")
    await moved(world, account, "other@elsewhere.example")
    await world.addresses.restore(await world.token(account, "email-changed"))
    after, _ = await world.addresses.restore(back)
    assert after.email == ADA


async def test_way_back_keeps_an_account_that_somebody_has_planned_to_erase(world: World) -> None:
    account = await confirmed(world)
    await moved(world, account)
    token = await world.token(account, "email-changed")
    await world.erasures.plan(account.id)
    after, _ = await world.addresses.restore(token)
    assert after.erase_at is None
    assert await world.owed(account, "erasure") == []


async def test_address_with_a_way_back_is_nobody_elses_meanwhile(world: World, engine: AsyncEngine) -> None:
    account = await confirmed(world)
    await moved(world, account)
    with pytest.raises(EmailTaken):
        await world.register(ADA.upper())
    other = await confirmed(world, "thief@example.com")
    await world.addresses.request_change(other.id, ADA)
    with pytest.raises(EmailTaken):
        await world.addresses.confirm(await world.token(other, "confirm-new-email"))
    await _expire(engine)
    await world.register(ADA)


async def test_own_address_with_a_way_back_can_be_taken_again(world: World) -> None:
    account = await confirmed(world)
    await moved(world, account)
    assert (await moved(world, account, ADA)).email == ADA


async def test_way_back_to_an_address_that_somebody_has_by_now_is_told(world: World, engine: AsyncEngine) -> None:
    account = await confirmed(world)
    await moved(world, account)
    token = await world.token(account, "email-changed")
    # Somebody who wrote it there past us, as an operator may.
    other = await world.register("other@example.com")
    async with engine.begin() as db:
        await db.execute(update(accounts).where(accounts.c.id == other.id).values(email_key="ada@example.com"))
    with pytest.raises(EmailTaken):
        await world.addresses.restore(token)
    found = await world.service.find(account.id)
    assert found is not None
    assert found.email == ELSEWHERE


async def test_older_of_two_ways_back_is_the_one_that_was_made_first_whatever_the_clocks_say(
    world: World, engine: AsyncEngine
) -> None:
    account = await confirmed(world)
    await moved(world, account, "thief@elsewhere.example")
    back = await world.token(account, "email-changed")
    async with engine.begin() as db:
        # By the clock of a process that is ahead of ours.
        await db.execute(update(links).values(created=datetime.now(UTC) + timedelta(minutes=1)))
    await moved(world, account, "other@elsewhere.example")
    await world.addresses.restore(await world.token(account, "email-changed"))
    assert (await world.addresses.restore(back))[0].email == ADA
