"""Whoever holds a secret may look what it is worth, and nothing comes of the look."""

import pytest
from redis_forms import Deployment, full
from redis_watch import commands_of
from session_ends import own
from session_holders import GRACE, offered, promoted
from session_world import CAUSE, HOUR, MINUTE, World

from webapp.sessions.model import AccountSnapshot, Cause, Look
from webapp.sessions.token import Token, new_public_id

# What a script that changes nothing asks of Redis.
READS = {"TIME", "HLEN", "EXISTS", "HMGET"}


async def peek(world: World, token: str) -> Look:
    parsed = Token.parse(token)
    assert parsed is not None
    return await world.service.peek(parsed)


async def test_look_tells_what_each_secret_is_to_a_session_that_lives(world: World, ada: AccountSnapshot):
    started, new = await offered(world, ada)
    assert (await peek(world, started.token)).secret == "current"
    assert (await peek(world, new)).secret == "candidate"

    assert await world.resumes(new)
    assert (await peek(world, started.token)).secret == "old"
    assert (await peek(world, new)).secret == "current"

    await world.age(new, GRACE)
    assert (await peek(world, started.token)).secret == "reused"
    stranger = await peek(world, str(own(started).renewed()))
    assert stranger.secret == ""
    assert stranger.session is not None
    assert await world.resumes(new)


async def test_secret_that_a_password_took_away_is_none_that_is_known(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    renewed = await world.service.renew(started.token)
    assert renewed is not None

    assert (await peek(world, started.token)).secret == ""
    assert (await peek(world, renewed.token)).secret == "current"


async def test_look_without_a_secret_says_nothing_of_one(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    look = await world.service.look(ada.id, started.session.id)

    assert (look.session, look.secret) == (started.session, "")


async def test_secret_of_a_session_that_is_over_or_never_was_is_nothing(world: World, ada: AccountSnapshot):
    ended, over = await world.sign_in(ada), await world.sign_in(ada)
    await world.service.end(ada.id, ended.session.id, CAUSE)
    await world.age(over.token, HOUR)

    for token in (ended.token, over.token, str(Token.new(ada.id)), str(Token.new(new_public_id()))):
        look = await peek(world, token)
        assert (look.session, look.secret) == (None, "")
    ending = (await peek(world, ended.token)).ending
    assert ending is not None
    assert Cause(ending.reason, ending.by) == CAUSE


@pytest.mark.parametrize("age", [1, MINUTE, HOUR - 1])
async def test_look_keeps_no_session_alive_and_renews_none(
    world: World, deployment: Deployment, ada: AccountSnapshot, age: int
):
    started, new = await promoted(world, ada)
    await world.age(started.token, age)
    before = await world.everything()

    for token in (started.token, new, str(own(started).renewed())):
        _, inside = await commands_of(deployment, peek(world, token))
        assert set(inside) == READS

    assert await world.everything() == before


async def test_full_redis_can_be_looked_into(world: World, deployment: Deployment, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    with full(deployment):
        assert (await peek(world, started.token)).secret == "current"
