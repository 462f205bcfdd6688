"""How long it stands in Redis why a session was ended, and how that is forgotten."""

import pytest
from session_world import CAUSE, DAY, HOUR, World, record_key

from webapp.sessions.model import AccountSnapshot, Cause, Reason, Started
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
    await world.redis.hset(record_key(token), "spent", token.renewed().secret_hash[:6])
    await world.redis.hset(record_key(token), mapping={"old": token.secret_hash, "hash": "h" * 43, "until": "1"})

    assert await world.service.end_own(token)

    assert await world.ends_at(record_key(token)) == started.session.ends + 2 * DAY


async def test_how_a_session_ended_can_be_forgotten(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)

    for _ in range(2):
        await world.service.forget_ending(ada.id, started.session.id)
        assert await world.service.why_ended(started.token) is None

    assert await world.endings() == set()
    await world.service.forget_ending(ada.id, "junk")


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, 2 * AT_ONCE + 1])
async def test_many_endings_are_forgotten_in_a_few_calls(world: World, ada: AccountSnapshot, count: int):
    started, other = await world.sign_in(ada), await world.sign_in(ada)
    for one in (started, other):
        await world.service.end(ada.id, one.session.id, CAUSE)
    many = [new_public_id() for _ in range(count)]

    await world.service.forget_endings(ada.id, [*many, "junk", started.session.id])

    assert await world.endings() == {record_key(own(other))}
