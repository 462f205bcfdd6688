"""How long it stands in Redis why a session was ended, and how that is forgotten."""

from dataclasses import replace

import pytest
from redis_forms import Deployment, full
from session_holders import hash_of, promoted
from session_world import ADDRESS, CAUSE, DAY, HOUR, POLICY, World, record_key

from webapp.history.model import KEPT
from webapp.sessions.model import AccountSnapshot, Cause, Lifetimes, Reason, Started
from webapp.sessions.store import AT_ONCE
from webapp.sessions.token import Token, new_public_id


def own(started: Started) -> Token:
    token = Token.parse(started.token)
    assert token is not None
    return token


@pytest.mark.parametrize("remember", [False, True])
async def test_it_is_told_until_two_days_after_the_session_would_have_ended(
    world: World, ada: AccountSnapshot, *, remember: bool
):
    started = await world.sign_in(ada, remember=remember)

    await world.service.end(ada.id, started.session.id, CAUSE)

    assert await world.ends_at(record_key(own(started))) == started.session.ends + 2 * DAY


async def test_it_is_told_for_no_longer_than_the_history_has_its_line(world: World, ada: AccountSnapshot):
    """By its line an erasure finds it."""
    policy = replace(POLICY, remembered=Lifetimes(400 * DAY, 400 * DAY))
    world = World(world.redis, policy, world.accounts)
    started = await world.sign_in(ada, remember=True)

    await world.service.end(ada.id, started.session.id, CAUSE)

    assert 0 <= await world.ends_at(record_key(own(started))) - started.now - KEPT.total_seconds() <= HOUR


@pytest.mark.parametrize("reason", ["signed-out", "replaced", "refused"])
async def test_what_no_browser_is_told_of_goes_after_two_days(world: World, ada: AccountSnapshot, reason: Reason):
    started = await world.sign_in(ada, remember=True)

    await world.service.end(ada.id, started.session.id, Cause(reason))

    assert 0 <= await world.ends_at(record_key(own(started))) - started.now - 2 * DAY <= HOUR


async def test_what_was_replaced_by_a_thief_is_told_for_as_long_as_the_session_had_lasted(
    world: World, ada: AccountSnapshot
):
    """The reason is found out by the script, not given to it."""
    started = await world.sign_in(ada, remember=True)
    token = own(started)
    spent = token.renewed().secret_hash[:6]
    await world.write(started.token, spent=spent, old=token.secret_hash, hash="h" * 43, until="1")

    assert await world.service.end_own(token)

    assert await world.ends_at(record_key(token)) == started.session.ends + 2 * DAY


async def test_how_a_session_ended_can_be_forgotten(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)

    for _ in range(2):
        await world.service.forget_endings(ada.id, [started.session.id])
        assert await world.why_ended(started.token) is None

    assert await world.endings() == set()


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, 2 * AT_ONCE + 1])
async def test_many_endings_are_forgotten_in_a_few_calls(world: World, ada: AccountSnapshot, count: int):
    started, other = await world.sign_in(ada), await world.sign_in(ada)
    for one in (started, other):
        await world.service.end(ada.id, one.session.id, CAUSE)
    many = [new_public_id() for _ in range(count)]

    await world.service.forget_endings(ada.id, [*many, "junk", started.session.id])

    assert await world.endings() == {other.session.id}


# What a trimmed record may have: who is told, what is told, and what no record can be judged without.
NEEDED = {"was", "next", "next_before", "old", "older", "reason", "by", "at"}
NUMBERS = {"created", "seen", "confirmed", "idle", "expires", "renewed"}
# Where nothing says otherwise, a session is not remembered and began with a password.
UNSAID = {"remembered", "method"}


async def test_of_an_ended_session_nothing_stays_but_what_its_browser_is_told(world: World, ada: AccountSnapshot):
    started, current = await promoted(world, ada)
    await world.service.rename(ada.id, started.session.id, "Kitchen")
    await world.write(started.token, z=ADDRESS)
    candidate = Token.new(ada.id)
    await world.write(started.token, next=candidate.secret_hash)
    await world.service.end(ada.id, started.session.id, CAUSE)
    whole = await world.why_ended(current)
    assert whole is not None

    for _ in range(2):
        await world.service.trim_ending(ada.id, started.session.id)
        record = await world.left(started.token)
        assert record.keys() - UNSAID == NUMBERS | {"was", "old", "next", "reason", "by", "at"} <= NUMBERS | NEEDED
        assert record["was"] == hash_of(current)
        for secret in (current, started.token, f"{ada.id}.{started.session.id}.{candidate.secret}"):
            told = await world.why_ended(secret)
            assert told is not None
            assert (told.reason, told.by, told.at) == (CAUSE.reason, CAUSE.by, whole.at)
        assert await world.why_ended(str(own(started).renewed())) is None


async def test_full_redis_keeps_no_address_of_an_ended_session(
    world: World, deployment: Deployment, ada: AccountSnapshot
):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)

    with full(deployment):
        await world.service.trim_ending(ada.id, started.session.id)

    assert "address" not in await world.left(started.token)


async def test_session_that_lives_and_one_that_is_unknown_are_left_as_they_are(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    before = await world.everything()

    for session_id in (started.session.id, new_public_id(), "junk"):
        await world.service.trim_ending(ada.id, session_id)

    assert await world.everything() == before
    assert await world.endings() == set()
    assert await world.resumes(started.token)
