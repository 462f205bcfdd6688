"""While a deploy lasts, requests of one session reach both versions in turn; neither undoes what the other did."""

from dataclasses import replace

import pytest
from compatibility.version_1.sessions import VersionOne, keys
from session_world import ADDRESS, CAUSE, FIREFOX, HOUR, MINUTE, World

from webapp.errors import StoreUnavailable
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.record import NewSession
from webapp.sessions.service import SessionService
from webapp.sessions.token import Token


async def signed_in_by(old: VersionOne, account: AccountSnapshot) -> Token:
    """Let version 1 sign somebody in."""
    token = Token.new(account.id)
    assert await old.start(account.id, token.session_id, token.secret_hash) == []
    return token


async def test_one_session_goes_to_and_fro_between_the_versions(world: World, old: VersionOne, ada: AccountSnapshot):
    token = await signed_in_by(old, ada)

    for number in range(3):
        await world.age(str(token), MINUTE)
        resumed = await world.service.resume(str(token), address=ADDRESS)
        assert resumed is not None
        assert resumed.moved
        assert await old.rename(ada.id, token.session_id, f"by the old one {number}")
        await world.age(str(token), MINUTE)
        row = await old.touch(ada.id, token.session_id, token.secret_hash)
        assert row is not None
        assert row["name"] == f"by the old one {number}"
        assert await world.service.rename(ada.id, token.session_id, f"by the new one {number}")
        assert (await old.list(ada.id))[token.session_id]["name"] == f"by the new one {number}"
        assert await world.service.confirm(ada.id, token.session_id)
        assert await old.confirm(ada.id, token.session_id)

    written = await world.written(str(token))
    ends = min(int(written["seen"]) + int(written["idle"]), int(written["expires"]))
    assert await world.ends_at(keys(ada.id, token.session_id)["record"]) == ends


async def test_what_one_version_ended_is_over_for_the_other(world: World, old: VersionOne, ada: AccountSnapshot):
    by_old = await signed_in_by(old, ada)
    by_new = Token.parse((await world.sign_in(ada)).token)
    assert by_new is not None

    assert await old.end(ada.id, by_new.session_id)
    assert not await world.resumes(str(by_new))
    assert await world.listed(ada) == [by_old.session_id]
    assert await world.service.end(ada.id, by_old.session_id, cause=CAUSE)
    assert await old.touch(ada.id, by_old.session_id, by_old.secret_hash) is None
    assert not await old.rename(ada.id, by_old.session_id, "a name")
    assert await world.keys() == set()


async def test_each_version_ends_all_sessions_of_both(world: World, old: VersionOne, ada: AccountSnapshot):
    async def end_today(account_id: str) -> int:
        return len(await world.service.end_all(account_id, CAUSE))

    for end_all in (old.end_all, end_today):
        await signed_in_by(old, ada)
        await world.sign_in(ada)
        assert await end_all(ada.id) == 2
        assert await world.keys() == set()


async def test_each_version_counts_the_sessions_of_both_towards_the_limit(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    first = await signed_in_by(old, ada)
    await world.age(str(first), MINUTE)
    second = await world.limited_to(2).sign_in(ada)
    assert set(await world.listed(ada)) == {first.session_id, second.session.id}
    third = await world.limited_to(2).sign_in(ada)
    assert set(await world.listed(ada)) == {second.session.id, third.session.id}
    await world.age(second.token, MINUTE)
    assert await old.start(ada.id, Token.new(ada.id).session_id, "x" * 43, limit=2) == [second.session.id]


async def test_sign_in_that_comes_again_brings_nothing_back_that_version_1_ended(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    new = NewSession(Token.new(ada.id), world.policy.plain, False, "password", FIREFOX, ADDRESS)
    await world.store.start(new, ada, limit=2)
    assert await old.end(ada.id, new.token.session_id)

    with pytest.raises(StoreUnavailable):
        await world.store.start(new, ada, limit=2)

    assert await old.list(ada.id) == {}
    assert await old.start(ada.id, Token.new(ada.id).session_id, "x" * 43) == []


async def test_a_changed_account_shows_in_both_versions(world: World, old: VersionOne, ada: AccountSnapshot):
    token = await signed_in_by(old, ada)
    renamed = AccountSnapshot(ada.id, "Ada King", ada.email, "admin")

    await world.store.put_account(renamed)
    row = await old.touch(ada.id, token.session_id, token.secret_hash)
    assert row is not None
    assert row["account"] == ["Ada King", ada.email, "admin"]
    await old.put_account(ada.id, ada.name, ada.email, ada.role)
    resumed = await world.service.resume(str(token), address=ADDRESS)
    assert resumed is not None
    assert resumed.account == ada


async def test_snapshot_of_version_1_is_completed_by_the_first_page_of_today(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    ada = world.accounts.rows[ada.id] = replace(ada, confirmed=True)
    token = await signed_in_by(old, ada)

    for asked in (1, 1):
        resumed = await world.service.resume(str(token), address=ADDRESS)
        assert resumed is not None
        assert resumed.account == ada
        assert world.accounts.asked == asked

    row = await old.touch(ada.id, token.session_id, token.secret_hash)
    assert row is not None
    assert row["account"] == [ada.name, ada.email, ada.role]


async def test_version_1_leaves_the_proof_of_an_email_as_it_is(world: World, old: VersionOne, ada: AccountSnapshot):
    ada = world.accounts.rows[ada.id] = replace(ada, confirmed=True)
    started = await world.sign_in(ada)
    await signed_in_by(old, ada)
    await old.put_account(ada.id, "Ada King", ada.email, "admin")
    world.accounts.asked = 0

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.account == replace(ada, name="Ada King", role="admin")
    assert world.accounts.asked == 0


async def test_completing_a_snapshot_undoes_no_change_that_version_1_makes_meanwhile(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    token = await signed_in_by(old, replace(ada, role="admin"))
    await old.put_account(ada.id, ada.name, ada.email, "admin")

    class SlowAccounts:
        """SQL answered with the role that version 1 takes away before the answer is used."""

        async def snapshot(self, account_id: str) -> AccountSnapshot | None:
            await old.put_account(account_id, ada.name, ada.email, "member")
            return replace(ada, role="admin", confirmed=True)

    await SessionService(world.store, SlowAccounts(), world.policy).resume(str(token), address=ADDRESS)

    resumed = await world.service.resume(str(token), address=ADDRESS)
    assert resumed is not None
    assert resumed.account == replace(ada, role="member", confirmed=True)


async def test_secret_that_today_renewed_is_the_only_one_for_version_1_too(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    before = await signed_in_by(old, ada)

    renewed = await world.service.renew(str(before))

    assert renewed is not None
    after = Token.parse(renewed.token)
    assert after is not None
    assert await old.touch(ada.id, before.session_id, before.secret_hash) is None
    row = await old.touch(ada.id, after.session_id, after.secret_hash)
    assert row is not None
    assert row["confirmed"] == renewed.now
    assert await world.resumes(renewed.token)


async def test_a_moment_is_a_bound_for_the_sessions_of_version_1_too(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    early, late = [await signed_in_by(old, ada) for _ in range(2)]
    await world.age(str(early), MINUTE)
    now = (await world.service.list(ada.id)).now

    assert len(await world.service.end_before(ada.id, keep="", before=now - 30, cause=CAUSE)) == 1

    assert set(await old.list(ada.id)) == {late.session_id}


async def test_idle_limit_that_one_version_wrote_holds_in_the_other(
    world: World, old: VersionOne, ada: AccountSnapshot
):
    token = await signed_in_by(old, ada)
    await world.age(str(token), HOUR)
    assert not await world.resumes(str(token))
    started = await world.sign_in(ada)
    await world.age(started.token, HOUR)
    parsed = Token.parse(started.token)
    assert parsed is not None
    assert await old.touch(ada.id, parsed.session_id, parsed.secret_hash) is None
    assert await world.keys() == set()
