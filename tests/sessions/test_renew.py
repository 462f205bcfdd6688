"""A new secret for a session that lives on: after a changed password nobody goes on with a copy of the old cookie."""

import pytest
from redis_forms import Deployment, full
from session_world import ADDRESS, CAUSE, HOUR, MINUTE, World, key_of

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import Token


async def test_renewed_session_has_another_secret_and_the_old_one_is_dead_at_once(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    renewed = await world.service.renew(started.token)

    assert renewed is not None
    old, new = Token.parse(started.token), Token.parse(renewed.token)
    assert old is not None
    assert new is not None
    assert (new.account_id, new.session_id) == (old.account_id, old.session_id)
    assert not await world.resumes(started.token)
    assert await world.resumes(renewed.token)


@pytest.mark.parametrize("remember", [False, True])
async def test_renewal_moves_the_confirmation_and_nothing_else(world: World, ada: AccountSnapshot, *, remember: bool):
    started = await world.sign_in(ada, remember=remember)
    await world.service.rename(ada.id, started.session.id, "Kitchen")
    await world.age(started.token, 20 * MINUTE)
    session = (await world.service.list(ada.id)).sessions[0]
    written = await world.written(started.token)

    renewed = await world.service.renew(started.token)

    assert renewed is not None
    changed = {"hash", "confirmed", "renewed"}
    assert renewed.session.confirmed == renewed.now == session.confirmed + 20 * MINUTE + renewed.now - started.now
    assert (await world.service.list(ada.id)).sessions == (renewed.session,)
    after = await world.written(renewed.token)
    assert {field for field in after if after[field] != written.get(field)} == changed
    assert await world.ends_at(key_of(renewed.token)) == started.session.ends


async def test_renewed_session_can_be_renewed_and_ended_by_its_newest_secret_alone(world: World, ada: AccountSnapshot):
    tokens = [(await world.sign_in(ada)).token]
    for _ in range(3):
        renewed = await world.service.renew(tokens[-1])
        assert renewed is not None
        tokens.append(renewed.token)

    for stale in map(Token.parse, tokens[:-1]):
        assert stale is not None
        assert await world.service.renew(str(stale)) is None
        assert not await world.service.end_own(stale)
    newest = Token.parse(tokens[-1])
    assert newest is not None
    assert await world.service.end_own(newest)


async def test_token_that_is_not_the_sessions_own_renews_nothing(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    hers = await world.sign_in(world.person("Grace Hopper"))
    own, other = Token.parse(started.token), Token.parse(hers.token)
    assert own is not None
    assert other is not None
    before = await world.everything()

    forged = (own.renewed(), Token.new(ada.id), Token(other.account_id, own.session_id, own.secret))
    hashes = (Token(ada.id, own.session_id, own.secret_hash), Token(ada.id, own.session_id, other.secret))
    for token in (*map(str, (*forged, *hashes)), "", "junk", started.token + "\n", started.token[:-1]):
        assert await world.service.renew(token) is None

    assert await world.everything() == before


@pytest.mark.parametrize("over", ["ended", "idle"])
async def test_session_that_is_over_is_not_renewed(world: World, ada: AccountSnapshot, over: str):
    started = await world.sign_in(ada)
    if over == "ended":
        await world.service.end(ada.id, started.session.id, cause=CAUSE)
    else:
        await world.age(started.token, HOUR)
    before = await world.everything()

    assert await world.service.renew(started.token) is None

    assert await world.everything() == before
    assert not await world.resumes(started.token)


async def test_secret_of_a_renewed_session_stands_nowhere_in_redis_and_in_no_words(world: World, ada: AccountSnapshot):
    renewed = await world.service.renew((await world.sign_in(ada)).token)
    assert renewed is not None

    secret = renewed.token.rpartition(".")[2]
    assert secret not in repr(await world.everything())
    assert secret not in repr(renewed)
    assert (await world.written(renewed.token))["hash"] not in repr(renewed)


async def test_full_redis_renews_all_the_same(world: World, deployment: Deployment, ada: AccountSnapshot):
    """A password that was changed leaves no old secret behind for want of memory."""
    started = await world.sign_in(ada)

    with full(deployment):
        renewed = await world.service.renew(started.token)

    assert renewed is not None
    assert not await world.resumes(started.token)
    resumed = await world.service.resume(renewed.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.account == ada
