"""The password changes while somebody signs in with the old one: that sign-in fails, whichever of the two is first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random

import pytest
from session_world import CAUSE, World

from webapp.errors import WrongCredentials
from webapp.sessions.model import AccountSnapshot, Started
from webapp.sessions.service import SessionService

ROUNDS = 300
AT_ONCE = 25
OLD, NEW = "", "2026-05-01T12:00:00+00:00"


class Meanwhile:
    """Accounts to whom something happens right before a look at them is answered, or right after."""

    def __init__(self, world: World, act: Callable[[], Awaitable[object]], *, first: bool) -> None:
        self._world, self._act, self._first = world, act, first

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        if self._first:
            await self._act()
        found = await self._world.accounts.snapshot(account_id)
        if not self._first:
            await self._act()
        return found


async def change_password(world: World, account: AccountSnapshot, *, keep: str = "") -> tuple[str, ...]:
    """Do what a changed password does, in its order: SQL first, then the end of the others."""
    world.accounts.rows[account.id] = replace(account, credential=NEW)
    return await world.service.end_others(account.id, keep=keep, cause=CAUSE)


async def test_sign_in_with_a_password_that_was_changed_since_fails_and_leaves_nothing(
    world: World, ada: AccountSnapshot
):
    """The end of the others was over before this session was there."""
    keep = (await world.sign_in(ada)).session.id
    await change_password(world, ada, keep=keep)

    with pytest.raises(WrongCredentials):
        await world.sign_in(ada)

    assert await world.listed(ada) == [keep]


@pytest.mark.parametrize("first", [True, False])
async def test_password_that_changes_during_the_last_look_ends_that_sign_in(
    world: World, ada: AccountSnapshot, *, first: bool
):
    source = Meanwhile(world, lambda: change_password(world, ada), first=first)
    slow = World(world.redis, world.policy, world.accounts)
    slow.service = SessionService(world.store, source, world.policy)

    if first:
        with pytest.raises(WrongCredentials):
            await slow.sign_in(ada)
    else:
        assert not await world.resumes((await slow.sign_in(ada)).token)

    assert await world.keys() == set()


async def test_change_of_password_and_name_at_once_is_seen_whole(world: World, ada: AccountSnapshot):
    here = await world.sign_in(ada)
    world.accounts.rows[ada.id] = replace(ada, name="Ada King", credential=NEW)

    with pytest.raises(WrongCredentials):
        await world.sign_in(ada)

    assert await world.listed(ada) == [here.session.id]


async def test_sign_in_with_the_new_password_stands(world: World, ada: AccountSnapshot):
    await change_password(world, ada)

    started = await world.sign_in(world.accounts.rows[ada.id])

    assert await world.resumes(started.token)


async def test_snapshot_in_redis_is_no_older_for_knowing_of_no_password(world: World, ada: AccountSnapshot):
    """It is compared with what SQL has without it: one look is enough, and nothing is written again."""
    here = await world.sign_in(ada)
    world.accounts.rows[ada.id] = replace(ada, credential=NEW)
    world.accounts.asked = 0

    await world.service.put_account(ada)

    assert world.accounts.asked == 1
    assert await world.resumes(here.token)


async def test_password_changed_at_any_moment_of_a_sign_in_leaves_no_session_of_the_old_one(world: World):
    async def sign_in(account: AccountSnapshot) -> Started | None:
        try:
            return await world.sign_in(account)
        except WrongCredentials:
            return None

    async def change(account: AccountSnapshot, round_trips: int) -> None:
        for _ in range(round_trips):
            await world.service.ping()
        await change_password(world, account)

    async def race(seed: int) -> bool:
        # A sign-in asks Redis once and then SQL.
        ada, round_trips = world.person(), Random(seed).randrange(4)
        one, other, _ = await asyncio.gather(sign_in(ada), sign_in(ada), change(ada, round_trips))
        assert await world.listed(ada) == [], f"after {round_trips} round trips"
        assert not any([await world.resumes(started.token) for started in (one, other) if started])
        return one is None

    refused = set()
    for first in range(0, ROUNDS, AT_ONCE):
        refused.update(await asyncio.gather(*(race(seed) for seed in range(first, first + AT_ONCE))))
    # Both ways to the same end were gone: refused at once, and signed in and put out.
    assert refused == {True, False}
