"""Names of one's own, confirmed passwords, and the account's snapshot."""

from dataclasses import replace

import pytest
from session_world import ADDRESS, CAUSE, HOUR, MINUTE, World, key_of

from webapp.sessions.model import AccountSnapshot


async def test_name_is_shown_in_the_list_and_can_be_taken_away(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    for name in ("Kitchen tablet", "🏡" * 16, "ä" * 32, ""):
        assert await world.service.rename(ada.id, started.session.id, name)
        assert (await world.service.list(ada.id)).sessions[0].name == name


async def test_name_moves_no_end(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    await world.service.rename(ada.id, started.session.id, "Laptop")
    await world.service.confirm(ada.id, started.session.id)

    assert await world.ends_at(key_of(started.token)) == started.session.ends


async def test_name_above_64_bytes_is_refused(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    for name in ("x" * 65, "🏡" * 17, "\ud800"):
        with pytest.raises(ValueError, match=r"at most 64 bytes|surrogates"):
            await world.service.rename(ada.id, started.session.id, name)


@pytest.mark.parametrize("over", ["ended", "idle"])
async def test_session_that_is_over_is_neither_named_nor_confirmed(world: World, ada: AccountSnapshot, over: str):
    started = await world.sign_in(ada)
    if over == "ended":
        await world.service.end(ada.id, started.session.id, cause=CAUSE)
    else:
        await world.age(started.token, HOUR)
    before = await world.everything()

    assert not await world.service.rename(ada.id, started.session.id, "a name")
    assert not await world.service.confirm(ada.id, started.session.id)
    assert await world.everything() == before
    assert not await world.resumes(started.token)


async def test_confirming_moves_the_confirmation_and_nothing_else(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, 20 * MINUTE)

    assert await world.service.confirm(ada.id, started.session.id)

    session = (await world.service.list(ada.id)).sessions[0]
    assert session.confirmed >= started.now
    assert session.seen == session.created == started.session.created - 20 * MINUTE


async def test_change_of_the_account_shows_on_the_next_page_of_every_session(world: World, ada: AccountSnapshot):
    tokens = [(await world.sign_in(ada)).token for _ in range(3)]
    married = world.accounts.rows[ada.id] = replace(ada, name="Ada King", role="admin", confirmed=True)

    await world.service.put_account(married)
    world.accounts.asked = 0

    for token in tokens:
        resumed = await world.service.resume(token, address=ADDRESS)
        assert resumed is not None
        assert resumed.account == married
    assert world.accounts.asked == 0


async def test_change_of_somebody_who_is_not_signed_in_writes_nothing(world: World, ada: AccountSnapshot):
    await world.service.put_account(ada)

    assert await world.keys() == set()


async def test_lost_snapshot_is_rebuilt_once(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.lose_snapshot(ada.id)
    world.accounts.asked = 0

    for _ in range(3):
        resumed = await world.service.resume(started.token, address=ADDRESS)
        assert resumed is not None
        assert resumed.account == ada

    assert world.accounts.asked == 1


async def test_rebuild_never_overwrites_a_newer_change(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    married = replace(ada, name="Ada King")
    await world.lose_snapshot(ada.id)

    class SlowAccounts:
        """SQL answered with the old name, and then the change came before the answer did."""

        async def snapshot(self, account_id: str) -> AccountSnapshot | None:
            world.accounts.rows[account_id] = married
            await world.service.put_account(married)
            return ada

    slow = type(world.service)(world.store, SlowAccounts(), world.policy)
    await slow.resume(started.token, address=ADDRESS)

    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.account == married


async def test_proof_of_the_email_shows_on_the_next_page_and_can_be_taken_back(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    for confirmed in (False, True, False):
        world.accounts.rows[ada.id] = replace(ada, confirmed=confirmed)
        await world.service.put_account(world.accounts.rows[ada.id])
        resumed = await world.service.resume(started.token, address=ADDRESS)
        assert resumed is not None
        assert resumed.account.confirmed is confirmed


async def test_mark_of_the_password_stands_nowhere_in_redis(world: World, ada: AccountSnapshot):
    ada = world.accounts.rows[ada.id] = replace(ada, credential="2026-05-01T12:00:00+00:00")
    started = await world.sign_in(ada)
    await world.service.put_account(ada)
    await world.lose_snapshot(ada.id)
    await world.resumes(started.token)

    assert ada.credential not in repr(await world.everything())


async def test_account_that_is_gone_ends_its_sessions(world: World, ada: AccountSnapshot):
    tokens = [(await world.sign_in(ada)).token for _ in range(3)]
    await world.lose_snapshot(ada.id)
    del world.accounts.rows[ada.id]

    assert not await world.resumes(tokens[0])

    assert await world.keys() == set()
    assert not any([await world.resumes(token) for token in tokens])
