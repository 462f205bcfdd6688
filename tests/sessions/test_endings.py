"""A session that was ended leaves why, from which device and when, for its own browser and for the history."""

import pytest
from redis_forms import Deployment, full
from redis_watch import commands_of
from session_ends import ENDS, own
from session_world import CAUSE, HOUR, MINUTE, World, mark_key, record_key

from webapp.sessions.model import AccountSnapshot, Cause, Ending
from webapp.sessions.token import new_public_id


@pytest.mark.parametrize("act", ENDS)
async def test_browser_of_an_ended_session_is_told_why_when_and_from_which_device(
    world: World, ada: AccountSnapshot, act: str
):
    started = await world.sign_in(ada, remember=True)
    await world.service.rename(ada.id, started.session.id, "Kitchen")
    session = (await world.service.list(ada.id)).sessions[0]
    end, cause = ENDS[act]

    await end(world, started)

    told = await world.why_ended(started.token)
    assert told is not None
    assert 0 <= told.at - started.now <= 2 * MINUTE
    assert told == Ending(session, cause.reason, cause.by, told.at)
    look = await world.service.look(ada.id, session.id)
    assert (look.session, look.ending, look.begun) == (None, told, True)
    assert not await world.resumes(started.token)


async def test_visit_and_another_end_take_nothing_of_what_is_told(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)
    told = await world.why_ended(started.token)

    assert not await world.resumes(started.token)
    assert not await world.service.end_own(own(started))
    assert await world.service.end_all(ada.id, Cause("password")) == ()
    assert not await world.service.rename(ada.id, started.session.id, "Laptop")
    assert not await world.service.confirm(ada.id, started.session.id)

    assert told is not None
    assert await world.why_ended(started.token) == told
    assert await world.listed(ada) == []


async def test_ended_session_says_nothing_to_anybody_else(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)
    found = (await world.left(started.token))["was"]

    for token in (str(own(started).renewed()), f"{ada.id}.{started.session.id}.{found}"):
        assert await world.why_ended(token) is None


async def test_session_that_lives_or_is_over_by_itself_was_not_ended(world: World, ada: AccountSnapshot):
    living, over = await world.sign_in(ada), await world.sign_in(ada)
    await world.age(over.token, HOUR)
    await world.listed(ada)

    for started in (living, over):
        assert await world.why_ended(started.token) is None
    look = await world.service.look(ada.id, living.session.id)
    assert (look.session, look.ending, look.begun) == (living.session, None, True)
    look = await world.service.look(ada.id, over.session.id)
    assert (look.session, look.ending, look.begun) == (None, None, True)
    assert await world.endings() == set()


async def test_look_at_what_never_was_and_at_what_began_long_ago(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.lose(mark_key(own(started)))

    look = await world.service.look(ada.id, started.session.id)
    assert (look.session, look.begun) == (started.session, False)
    look = await world.service.look(ada.id, new_public_id())
    assert (look.session, look.ending, look.begun) == (None, None, False)
    with pytest.raises(ValueError, match="public id"):
        await world.service.look(ada.id, "junk")


async def test_looking_changes_nothing(world: World, deployment: Deployment, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)

    for look in (world.why_ended(started.token), world.service.look(ada.id, started.session.id)):
        sent, inside = await commands_of(deployment, look)
        assert len(sent) <= 2
        assert not {"HSET", "DEL", "ZADD", "ZREM", "EXPIREAT", "SET"} & set(inside)


async def test_every_end_gives_the_ids_of_those_that_were_alive(world: World, ada: AccountSnapshot):
    here, dead, *others = [await world.sign_in(ada) for _ in range(4)]
    await world.age(dead.token, HOUR)

    ended = await world.service.end_others(ada.id, here.session.id, CAUSE)

    assert set(ended) == {other.session.id for other in others}
    assert await world.service.end_all(ada.id, CAUSE) == (here.session.id,)
    assert await world.service.end_all(ada.id, CAUSE) == ()


async def test_sign_in_says_which_sessions_ended_for_it(world: World, ada: AccountSnapshot):
    world = world.limited_to(2)
    old, other = await world.sign_in(ada), await world.sign_in(ada)
    await world.age(old.token, 30)
    longest_unused = (await world.service.list(ada.id)).sessions[1]
    hers = await world.sign_in(world.person("Grace Hopper"))

    third = await world.sign_in(ada, replacing=hers.token)
    fourth = await world.sign_in(ada, replacing=third.token)

    assert third.displaced == (longest_unused,)
    assert third.ended == (old.session.id, hers.session.id)
    assert (fourth.displaced, fourth.ended, fourth.replaced) == ((), (third.session.id,), True)
    assert set(await world.listed(ada)) == {other.session.id, fourth.session.id}


async def test_full_redis_lets_sessions_be_ended_and_remembers_why(
    world: World, deployment: Deployment, ada: AccountSnapshot
):
    started, other = await world.sign_in(ada), await world.sign_in(ada)

    with full(deployment):
        assert await world.service.end(ada.id, started.session.id, CAUSE)
        assert await world.service.end_all(ada.id, CAUSE) == (other.session.id,)

    for one in (started, other):
        told = await world.why_ended(one.token)
        assert told is not None
        assert (told.reason, told.by) == (CAUSE.reason, CAUSE.by)


async def test_reason_of_a_version_to_come_is_none_that_is_known(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)
    await world.write(started.token, reason="weather")

    told = await world.why_ended(started.token)

    assert told is not None
    assert told.reason == "unknown"


@pytest.mark.parametrize("field", ["at", "created", "was"])
async def test_ending_that_is_damaged_is_none(world: World, ada: AccountSnapshot, field: str):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, CAUSE)
    await world.write(started.token, **{field: "soon"})

    assert await world.why_ended(started.token) is None


async def test_device_that_ended_it_is_cut_to_its_field(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.service.end(ada.id, started.session.id, Cause("elsewhere", "é" * 90))

    told = await world.why_ended(started.token)

    assert told is not None
    assert told.by == "é" * 32
    assert await world.redis.object("ENCODING", record_key(own(started))) in {"listpack", "ziplist"}
