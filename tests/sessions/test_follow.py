"""The account changes while somebody signs in: the snapshot that stays is what SQL has, whoever writes last."""

from dataclasses import replace

import pytest
from session_fields import snapshot_in
from session_world import ADDRESS, CAUSE, FIREFOX, World

from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.service import SessionService
from webapp.sessions.token import Token


class Restless:
    """Accounts as SQL has them at each look, the last state for good; None is an account that was deleted."""

    def __init__(self, *states: AccountSnapshot | None) -> None:
        self._states = list(states)
        self.asked: list[str] = []

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        self.asked.append(account_id)
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]


class Away:
    """Accounts in a database that has gone away."""

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        raise StoreUnavailable(f"The database with {account_id}")


async def shown(world: World, token: str) -> AccountSnapshot:
    """Give the account as the next page shows it."""
    resumed = await world.service.resume(token, address=ADDRESS)
    assert resumed is not None
    return resumed.account


def told_by(world: World, source: Restless | Away) -> World:
    """Give the same world whose sign-ins look at the accounts through ``source``."""
    other = World(world.redis, world.policy, world.accounts)
    other.service = SessionService(world.store, source, world.policy)
    return other


@pytest.mark.parametrize("changes", [1, 2])
async def test_change_while_somebody_signs_in_is_not_undone(world: World, ada: AccountSnapshot, changes: int):
    here = await world.sign_in(ada)
    roles = [replace(ada, role=f"changed {number}") for number in range(changes)]

    there = await told_by(world, Restless(*roles)).sign_in(ada)

    assert await shown(world, here.token) == await shown(world, there.token) == roles[-1]


async def test_sign_in_that_overtook_a_change_is_put_right_by_it(world: World, ada: AccountSnapshot):
    """The change was looked for before it came, so the one who made it comes after."""
    started = await world.sign_in(ada)
    changed = world.accounts.rows[ada.id] = replace(ada, role="changed")

    await world.service.put_account(changed)

    assert await shown(world, started.token) == changed


async def test_older_of_two_changes_at_once_does_not_stay(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    older, newer = replace(ada, role="older"), replace(ada, role="newer")
    world.accounts.rows[ada.id] = newer

    await world.service.put_account(newer)
    await world.service.put_account(older)

    assert await shown(world, started.token) == newer


async def test_sign_in_of_an_account_that_was_deleted_meanwhile_fails_and_leaves_nothing(
    world: World, ada: AccountSnapshot
):
    here = await world.sign_in(ada)

    with pytest.raises(WrongCredentials):
        await told_by(world, Restless(None)).sign_in(ada)

    assert await world.keys() == await world.endings() == set()
    assert not await world.resumes(here.token)


async def test_visit_to_an_account_that_was_deleted_meanwhile_leaves_nothing(world: World, ada: AccountSnapshot):
    here, there = await world.sign_in(ada), await world.sign_in(ada)
    await world.lose_snapshot(ada.id)
    del world.accounts.rows[ada.id]

    for token in (here.token, there.token):
        assert not await world.resumes(token)

    assert await world.keys() == await world.endings() == set()


async def test_proof_of_the_email_while_somebody_signs_in_is_not_undone(world: World, ada: AccountSnapshot):
    there = await told_by(world, Restless(replace(ada, confirmed=True))).sign_in(ada)

    assert (await shown(world, there.token)).confirmed


async def test_database_that_goes_away_meanwhile_leaves_nobody_with_neither(world: World, ada: AccountSnapshot):
    """The old session is over by then; and what the account is, the next visit asks."""
    old = await world.sign_in(ada)
    changed = world.accounts.rows[ada.id] = replace(ada, role="changed")

    new = await told_by(world, Away()).sign_in(ada, replacing=old.token)

    assert not await world.written(old.token)
    assert not snapshot_in(await world.fields(ada.id))
    assert await shown(world, new.token) == changed


@pytest.mark.parametrize("held", ["nothing", "ended", "forged", "of another account"])
async def test_database_that_goes_away_meanwhile_lets_no_password_in_that_it_does_not_vouch_for(
    world: World, ada: AccountSnapshot, held: str
):
    """What stands without SQL's word stands in the place of a session that lives, and of that one's account alone."""
    here, ended, hers = [await world.sign_in(account) for account in (ada, ada, world.person("Grace Hopper"))]
    await world.service.end(ada.id, ended.session.id, cause=CAUSE)
    forged = f"{ada.id}.{here.session.id}.{'x' * 43}"
    replacing = {"nothing": None, "ended": ended.token, "forged": forged, "of another account": hers.token}[held]
    changed = world.accounts.rows[ada.id] = replace(ada, role="changed")

    with pytest.raises(StoreUnavailable, match="database"):
        await told_by(world, Away()).sign_in(ada, replacing=replacing)

    assert await world.listed(ada) == [here.session.id]
    assert await shown(world, here.token) == changed
    assert await world.resumes(hers.token)


async def test_sign_in_that_fails_for_its_database_leaves_word_that_nobody_was_let_in(
    world: World, ada: AccountSnapshot
):
    token = Token.new(ada.id)

    with pytest.raises(StoreUnavailable):
        await begin(told_by(world, Away()), ada, token)

    assert await why_ended(world, token) == "refused"


async def test_sign_in_with_a_password_that_was_changed_meanwhile_leaves_word_that_nobody_was_let_in(
    world: World, ada: AccountSnapshot
):
    token = Token.new(ada.id)

    with pytest.raises(WrongCredentials):
        await begin(told_by(world, Restless(replace(ada, credential="another"))), ada, token)

    assert await why_ended(world, token) == "refused"


async def begin(world: World, account: AccountSnapshot, token: Token) -> None:
    await world.service.start(account, token=token, remember=False, method="password", device=FIREFOX, address=ADDRESS)


async def why_ended(world: World, token: Token) -> str | None:
    look = await world.service.look(token.account_id, token.session_id)
    return look.ending.reason if look.ending else None
