"""Sessions of an account whose ids begin in the same way are told apart."""

import pytest
from session_fields import account_key, slot_of
from session_world import ADDRESS, CAUSE, FIREFOX, World

from webapp.errors import StoreUnavailable
from webapp.sessions.model import AccountSnapshot, Started
from webapp.sessions.record import NewSession
from webapp.sessions.token import Token, new_public_id

SLOTS = 7


async def start(world: World, account: AccountSnapshot, session_id: str) -> Started:
    token = Token(account.id, session_id, Token.new(account.id).secret)
    new = NewSession(token, world.policy.plain, False, "password", FIREFOX, ADDRESS)
    return await world.store.start(new, account, limit=50)


def beginning_with(beginning: str) -> str:
    return beginning + new_public_id()[len(beginning) :]


async def test_second_one_stands_in_its_next_slot_and_stays_there(world: World, ada: AccountSnapshot):
    one, other = [await start(world, ada, beginning_with("abc")) for _ in range(2)]
    fields = await world.fields(ada.id)
    assert slot_of(fields, one.session.id) == "abc"
    assert slot_of(fields, other.session.id) == other.session.id[3:6]

    assert await world.service.rename(ada.id, other.session.id, "Kitchen")
    assert await world.service.end(ada.id, one.session.id, CAUSE)
    await world.service.forget_endings(ada.id, [one.session.id])

    assert await world.resumes(other.token)
    assert not await world.resumes(one.token)
    assert [session.name for session in (await world.service.list(ada.id)).sessions] == ["Kitchen"]
    third = await start(world, ada, beginning_with("abc"))
    assert slot_of(await world.fields(ada.id), third.session.id) == "abc"
    assert set(await world.listed(ada)) == {other.session.id, third.session.id}
    assert await world.resumes(other.token)
    assert await world.resumes(third.token)


async def test_forged_token_is_not_taken_for_the_one_that_begins_like_it(world: World, ada: AccountSnapshot):
    started = await start(world, ada, beginning_with("abc"))
    token = Token.parse(started.token)
    assert token is not None

    assert not await world.resumes(str(Token(ada.id, beginning_with("abc"), token.secret)))
    assert not await world.service.end(ada.id, beginning_with("abc"), CAUSE)
    assert await world.resumes(started.token)


async def test_session_without_a_slot_of_its_own_does_not_begin(world: World, ada: AccountSnapshot):
    wanted = new_public_id()
    others = [await start(world, ada, beginning_with(wanted[first : first + 3])) for first in range(0, 3 * SLOTS, 3)]

    with pytest.raises(StoreUnavailable):
        await start(world, ada, wanted)

    assert set(await world.listed(ada)) == {one.session.id for one in others}


async def test_call_that_comes_after_its_mark_is_gone_makes_no_second_one(world: World, ada: AccountSnapshot):
    session_id = new_public_id()
    await start(world, ada, session_id)
    async for key in world.redis.scan_iter("done:*"):
        await world.lose(str(key))

    again = await start(world, ada, session_id)

    assert await world.listed(ada) == [session_id]
    assert await world.resumes(again.token)


@pytest.mark.parametrize(("sessions", "encodings"), [(50, {"listpack", "ziplist"}), (100, {"hashtable"})])
async def test_account_with_many_sessions_is_as_any_other(
    world: World, ada: AccountSnapshot, sessions: int, encodings: set[str]
):
    world = world.limited_to(sessions)
    started = [await world.sign_in(ada, remember=True) for _ in range(sessions)]

    assert await world.redis.object("ENCODING", account_key(ada.id)) in encodings
    assert all([await world.resumes(one.token) for one in started])
    assert len(await world.service.end_others(ada.id, started[0].session.id, CAUSE)) == sessions - 1
    assert await world.listed(ada) == [started[0].session.id]
