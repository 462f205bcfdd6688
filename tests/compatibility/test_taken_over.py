"""An hour after the first start of this version an account is taken over, whole, by the first call for it."""

import asyncio
from typing import Any

import pytest
from compatibility.first_form import FirstWorld, every_key, key_of
from compatibility.version_1.sessions import VersionOne, keys, record
from redis.asyncio import Redis
from redis_forms import Deployment, full
from session_fields import account_key, snapshot_in
from session_holders import GRACE, PERIOD, hash_of, offered, promoted
from session_world import ADDRESS, CAUSE, DAY, FIREFOX, HOUR, World, mark_key

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import Token, new_public_id

SECRETS = {"hash", "next", "next_before", "old", "older", "until", "spent", "asked"}


async def test_account_is_taken_over_by_the_first_call_after_the_hour(
    redis: Redis, before: FirstWorld, after: World, ada: AccountSnapshot
):
    here, there = await before.sign_in(ada, remember=True), await before.sign_in(ada, browser="b" * 22)
    await before.service.rename(ada.id, there.session.id, "Kitchen")
    listed = await before.service.list(ada.id)
    assert await every_key(redis) == {
        *(key_of(one.token) for one in (here, there)),
        f"sessions:{{{ada.id}}}",
        f"account:{{{ada.id}}}",
    }

    resumed = await after.service.resume(here.token, address=ADDRESS)

    assert resumed is not None
    assert (resumed.session, resumed.account) == (here.session, ada)
    assert after.accounts.asked == before.accounts.asked
    assert await every_key(redis) == {account_key(ada.id)}
    assert await after.ends_at(account_key(ada.id)) == here.session.ends
    assert (await after.service.list(ada.id)).sessions == listed.sessions
    assert await redis.object("ENCODING", account_key(ada.id)) in {"listpack", "ziplist"}


async def test_account_goes_to_and_fro_between_processes_that_know_of_the_hour_and_that_do_not(
    redis: Redis, before: FirstWorld, after: World, ada: AccountSnapshot
):
    started = await before.sign_in(ada)
    for world in (before, after, before, after):
        assert await world.resumes(started.token)
        other = await world.sign_in(ada)
        assert set(await before.listed(ada)) == set(await after.listed(ada)) == {started.session.id, other.session.id}
        assert await world.service.end(ada.id, other.session.id, CAUSE)
        assert not await after.resumes(other.token)
    assert await every_key(redis) == {account_key(ada.id)}


async def test_who_signs_in_within_the_hour_is_written_as_the_version_before_does(
    redis: Redis, before: FirstWorld, old: VersionOne, ada: AccountSnapshot
):
    token = Token.parse((await before.sign_in(ada)).token)
    assert token is not None

    assert await old.touch(ada.id, token.session_id, token.secret_hash) is not None
    assert not await redis.exists(account_key(ada.id))


async def test_secrets_under_way_are_taken_over(before: FirstWorld, after: World, ada: AccountSnapshot):
    started, new = await promoted(before, ada)
    await before.age(new, PERIOD)
    resumed = await before.service.resume(new, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is not None
    held = await before.left(new)

    assert await after.resumes(new)

    assert {name: text for name, text in (await after.left(new)).items() if name in SECRETS} == {
        name: text for name, text in held.items() if name in SECRETS
    }
    assert await after.resumes(resumed.cookie)
    assert (await after.written(new))["hash"] == hash_of(resumed.cookie)
    await after.age(new, GRACE)
    assert not await after.resumes(started.token)
    ending = await after.why_ended(resumed.cookie)
    assert ending is not None
    assert ending.reason == "two-places"


async def test_candidate_of_before_is_shown_after(before: FirstWorld, after: World, ada: AccountSnapshot):
    started, new = await offered(before, ada)

    assert await after.resumes(new)

    assert (await after.written(started.token))["hash"] == hash_of(new)


async def test_session_on_a_shared_computer_stays_one(before: FirstWorld, after: World, ada: AccountSnapshot):
    started = await before.service.start(
        ada, remember=False, shared=True, browser="b" * 22, method="registration", device=FIREFOX, address=ADDRESS
    )

    assert (await after.service.list(ada.id)).sessions == (started.session,)
    assert started.session.shared


@pytest.mark.parametrize("signed_in", [False, True])
async def test_ending_of_before_is_told_and_trimmed_and_forgotten_after(
    redis: Redis, before: FirstWorld, after: World, ada: AccountSnapshot, *, signed_in: bool
):
    started = await before.sign_in(ada)
    if signed_in:
        await before.sign_in(ada)
    await before.service.end(ada.id, started.session.id, CAUSE)
    told = await before.why_ended(started.token)
    assert told is not None

    assert await after.why_ended(started.token) == told
    assert not await redis.exists(key_of(started.token))
    # Who looked last stands in the index and in the snapshot; what is left of the session lasts for as long as before.
    assert await after.ends_at(account_key(ada.id)) == started.session.ends + 2 * DAY
    await after.service.trim_ending(ada.id, started.session.id)
    assert "address" not in await after.left(started.token)
    await after.service.forget_endings(ada.id, [started.session.id])
    assert await after.why_ended(started.token) is None
    assert await after.endings() == set()


@pytest.mark.parametrize("act", ["trim", "forget"])
async def test_ending_of_before_that_nobody_looked_at_is_trimmed_and_forgotten(
    redis: Redis, before: FirstWorld, after: World, ada: AccountSnapshot, act: str
):
    started = await before.sign_in(ada)
    await before.service.end(ada.id, started.session.id, CAUSE)

    if act == "trim":
        await after.service.trim_ending(ada.id, started.session.id)
        assert "address" not in await after.left(started.token)
    else:
        await after.service.forget_endings(ada.id, [started.session.id])
        assert await after.ids() == set()
    assert not await redis.exists(key_of(started.token))


async def test_what_version_1_has_left_is_taken_over(redis: Redis, after: World, ada: AccountSnapshot):
    token = Token.new(ada.id)
    named, now = keys(ada.id, token.session_id), (await redis.time())[0]
    for field, value in record(token.secret_hash, now).items():
        await redis.hset(named["record"], field, value)
    await redis.zadd(named["index"], {token.session_id: now + HOUR, new_public_id(): now})
    await redis.hset(named["snapshot"], mapping={"name": ada.name, "email": ada.email, "role": ada.role})

    resumed = await after.service.resume(str(token), address=ADDRESS)

    assert resumed is not None
    assert (resumed.account, resumed.session.name) == (ada, "Kitchen")
    assert "renewed" in await after.written(str(token))
    assert await every_key(redis) == {account_key(ada.id)}
    assert snapshot_in(await after.fields(ada.id))["confirmed"] == "0"


@pytest.mark.parametrize("damage", ["seen", "hash", "type"])
async def test_what_is_damaged_is_not_taken_over(
    redis: Redis, before: FirstWorld, after: World, ada: AccountSnapshot, damage: str
):
    bent, other = await before.sign_in(ada), await before.sign_in(ada)
    if damage == "type":
        await before.lose(key_of(bent.token))
        await redis.set(key_of(bent.token), "junk")
    else:
        await redis.hset(key_of(bent.token), damage, "soon")

    assert not await after.resumes(bent.token)

    assert await after.listed(ada) == [other.session.id]
    assert await every_key(redis) == {account_key(ada.id)}


async def test_full_redis_keeps_nobody_from_being_taken_over(
    deployment: Deployment, before: FirstWorld, after: World, ada: AccountSnapshot
):
    started = await before.sign_in(ada)

    with full(deployment):
        assert await after.resumes(started.token)

    assert await after.listed(ada) == [started.session.id]


async def test_sign_in_that_comes_again_after_the_hour_begins_nothing(
    redis: Redis, before: FirstWorld, after: World, ada: AccountSnapshot
):
    """Both forms leave the same mark."""
    started = await before.sign_in(ada)
    token = Token.parse(started.token)
    assert token is not None
    assert await redis.exists(mark_key(token))
    assert (await after.service.look(ada.id, started.session.id)).begun


ACTS: dict[str, Any] = {
    "visit": lambda world, started: world.service.resume(started.token, address=ADDRESS),
    "list": lambda world, started: world.service.list(started.session.account_id),
    "name": lambda world, started: world.service.rename(started.session.account_id, started.session.id, "Kitchen"),
    "renewal": lambda world, started: world.service.renew(started.token),
    "end": lambda world, started: world.service.end(started.session.account_id, started.session.id, CAUSE),
    "end of all": lambda world, started: world.service.end_all(started.session.account_id, CAUSE),
    "sign-in": lambda world, started: world.sign_in(world.accounts.rows[started.session.account_id]),
}


@pytest.mark.parametrize("act", ACTS)
async def test_call_that_another_process_takes_the_account_from_finds_it_all_the_same(
    before: FirstWorld, after: World, ada: AccountSnapshot, act: str, monkeypatch: pytest.MonkeyPatch
):
    """Between the two scripts of a call that may not take it over."""
    started = await before.sign_in(ada)
    monkeypatch.setattr(before.handover, "resume", lambda _: after.listed(ada))

    assert await ACTS[act](before, started)

    assert not await before.redis.exists(f"sessions:{{{ada.id}}}")
    assert await after.resumes(started.token) == (act in {"visit", "list", "name", "sign-in"})


async def test_calls_of_both_at_the_same_moment_lose_nothing(before: FirstWorld, after: World, ada: AccountSnapshot):
    for _ in range(20):
        started = [await before.sign_in(ada) for _ in range(3)]
        worlds = (before, after) * 4
        assert all(await asyncio.gather(*(world.resumes(one.token) for world in worlds for one in started)))
        await after.service.forget_endings(ada.id, await after.service.end_all(ada.id, CAUSE))
