"""Changing a password with the old one."""

import asyncio

import pytest
from account_life import CLIENT, HERE, NEW, THIRD, change, confirmed
from account_world import ADA, PASSWORD, World, open_world
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.model import new_id
from webapp.errors import DeadLink, SamePassword, WeakPassword, WrongCredentials


async def test_changed_password_opens_the_account_and_the_old_one_does_not(world: World) -> None:
    account = await world.register()
    await change(world, account)
    assert (await world.sign_in(password=NEW)).password_changed is not None
    with pytest.raises(WrongCredentials):
        await world.sign_in()


async def test_change_owes_the_end_of_all_other_sessions_and_a_mail(world: World) -> None:
    account = await world.register()
    (ending,) = await change(world, account)
    kept = ending.body["keep"], ending.body["hash"]
    assert (ending.kind, ending.body["account"], kept) == ("sessions", account.id, (HERE.session_id, HERE.secret_hash))
    assert await world.owed(account, "sessions") == [ending]
    mail = (await world.owed(account, "mail"))[-1]
    assert (mail.body["letter"], mail.body["to"]) == ("password-changed", ADA)
    assert mail.body["where"] == "Firefox on Linux, 203.0.113.7"


async def test_wrong_current_password_changes_nothing_and_counts(world: World) -> None:
    account = await world.register()
    with pytest.raises(WrongCredentials):
        await change(world, account, current="not this one at all")
    assert sum(world.tries.taken.values()) == 1
    await world.sign_in()
    assert await world.owed(account, "sessions") == []


async def test_weak_or_equal_new_password_changes_nothing(world: World) -> None:
    account = await world.register()
    with pytest.raises(WeakPassword):
        await change(world, account, "password1")
    with pytest.raises(SamePassword):
        await change(world, account, PASSWORD)
    assert await world.owed(account, "sessions") == []


async def test_two_tabs_that_change_the_password_at_once_change_it_once(world: World) -> None:
    account = await world.register()
    outcomes = await asyncio.gather(change(world, account, NEW), change(world, account, THIRD), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [WrongCredentials]
    assert len(await world.owed(account, "sessions")) == 1


async def test_password_of_an_account_that_is_gone_is_not_changed(world: World) -> None:
    account = await world.register()
    await world.changes.erase(account.id, None, [])
    with pytest.raises(WrongCredentials):
        await change(world, account)


async def test_new_password_kills_a_change_of_the_email_that_is_under_way(world: World) -> None:
    account = await world.register()
    await world.addresses.request_change(account.id, "thief@elsewhere.example")
    token = await world.token(account, "confirm-new-email")
    await change(world, account)
    with pytest.raises(DeadLink):
        await world.addresses.confirm(token)


async def test_password_of_nobody_is_not_changed(world: World) -> None:
    with pytest.raises(WrongCredentials):
        await world.passwords.change(new_id(), PASSWORD, NEW, keep=HERE, client=CLIENT)


async def test_notices_to_an_address_that_nobody_has_proven_are_few_and_carry_no_name(engine: AsyncEngine) -> None:
    world = open_world(engine, mails=2)
    account = await world.register("stranger@example.com")
    for current, new in ((PASSWORD, NEW), (NEW, THIRD), (THIRD, NEW), (NEW, PASSWORD)):
        await change(world, account, new, current)
    letters = [entry.body for entry in await world.owed(account, "mail") if entry.body["letter"] == "password-changed"]
    assert [body["name"] for body in letters] == ["", ""]
    assert world.mails.taken == {("notice-unproven", "stranger@example.com"): 2}


async def test_notice_to_a_proven_address_greets_its_owner(world: World) -> None:
    account = await confirmed(world)
    await change(world, account)
    assert (await world.owed(account, "mail"))[-1].body["name"] == account.name
    assert world.mails.taken == {("notice", "ada@example.com"): 1}
