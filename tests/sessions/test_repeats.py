"""redis-py sends a command again that is not answered in time, and the first copy may come after all, much later."""

from dataclasses import replace

import pytest
from redis_forms import Deployment, full
from session_world import ADDRESS, CAUSE, FIREFOX, World, mark_key

from webapp.errors import StoreUnavailable
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.record import NewSession
from webapp.sessions.script import AccountScript
from webapp.sessions.token import Token

# 924.6 s, and then until the pause is over that is under way: see LATEST in record.lua.
LONGEST_RETRANSMISSION = 924.6 + 120


def sign_in(world: World, account: AccountSnapshot) -> NewSession:
    """Give a sign-in as it is sent, to send it more than once."""
    return NewSession(Token.new(account.id), world.policy.plain, False, "password", FIREFOX, ADDRESS)


@pytest.mark.parametrize("end", ["end", "end_all"])
async def test_sign_in_that_comes_again_brings_nothing_back(world: World, ada: AccountSnapshot, end: str):
    new = sign_in(world, ada)
    await world.store.start(new, ada, limit=5)
    if end == "end":
        assert await world.service.end(ada.id, new.token.session_id, cause=CAUSE)
    else:
        assert len(await world.service.end_all(ada.id, cause=CAUSE)) == 1

    # Whoever waits for this copy's answer must not be given a token that opens nothing.
    with pytest.raises(StoreUnavailable):
        await world.store.start(new, ada, limit=5)

    assert not await world.resumes(str(new.token))
    assert await world.keys() == set()


async def test_sign_in_that_comes_again_changes_nothing_of_what_happened_since(world: World, ada: AccountSnapshot):
    old = Token.parse((await world.sign_in(ada)).token)
    new = sign_in(world, ada)
    once = await world.store.start(new, ada, limit=2, replaced=old)
    await world.sign_in(ada)
    await world.sign_in(ada)
    await world.store.put_account(replace(ada, role="changed"))
    await world.age(once.token, 60)
    before = await world.everything()

    again = await world.store.start(new, ada, limit=2, replaced=old)

    assert (again.token, again.session.id) == (once.token, once.session.id)
    assert await world.everything() == before


async def test_sign_in_is_remembered_for_as_long_as_a_copy_of_it_may_come(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    token = Token.parse(started.token)
    assert token is not None
    await world.service.end(ada.id, token.session_id, cause=CAUSE)

    left = await world.ends_at(mark_key(token)) - started.now

    assert LONGEST_RETRANSMISSION < left <= 1201


async def test_full_redis_answers_the_copy_of_a_sign_in(world: World, deployment: Deployment, ada: AccountSnapshot):
    new = sign_in(world, ada)
    once = await world.store.start(new, ada, limit=2)

    with full(deployment):
        again = await world.store.start(new, ada, limit=2)

    assert (again.token, again.session) == (once.token, once.session)


async def test_confirmation_that_comes_again_is_no_password_given_once_more(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    confirm = AccountScript(world.redis, "confirm")
    given = (ada.id, started.session.id, Token.new(ada.id).session_id)
    assert await confirm(*given)
    await world.age(started.token, 600)
    before = await world.everything()

    assert await confirm(*given)

    assert await world.everything() == before


async def test_renewal_that_comes_again_is_answered_and_gives_no_password_once_more(
    world: World, deployment: Deployment, ada: AccountSnapshot
):
    renew, old, new = await renewal(world, ada)
    await world.age(str(new), 600)
    before = await world.everything()

    row = (await renew(ada.id, old.session_id, old.secret_hash, new.secret_hash))[1]
    with full(deployment):
        assert (await renew(ada.id, old.session_id, old.secret_hash, new.secret_hash))[1] == row

    assert row[0] == old.session_id
    assert await world.everything() == before
    assert await world.resumes(str(new))


async def test_renewal_that_comes_after_a_later_one_changes_nothing(world: World, ada: AccountSnapshot):
    renew, old, new = await renewal(world, ada)
    later = await world.service.renew(str(new))
    assert later is not None
    before = await world.everything()

    assert await renew(ada.id, old.session_id, old.secret_hash, new.secret_hash) is None

    assert await world.everything() == before
    assert await world.resumes(later.token)


async def test_renewal_that_comes_after_the_end_brings_nothing_back(world: World, ada: AccountSnapshot):
    renew, old, new = await renewal(world, ada)
    await world.service.end(ada.id, old.session_id, cause=CAUSE)

    assert await renew(ada.id, old.session_id, old.secret_hash, new.secret_hash) is None

    assert await world.keys() == set()


async def renewal(world: World, account: AccountSnapshot) -> tuple[AccountScript, Token, Token]:
    """Sign in and renew once; gives the script, to send it again, with both tokens."""
    old = Token.parse((await world.sign_in(account)).token)
    assert old is not None
    renew, new = AccountScript(world.redis, "renew"), old.renewed()
    assert await renew(account.id, old.session_id, old.secret_hash, new.secret_hash)
    return renew, old, new


@pytest.mark.parametrize("signed_in", [True, False])
async def test_change_of_the_account_that_comes_again_does_not_undo_a_later_one(
    world: World, ada: AccountSnapshot, *, signed_in: bool
):
    put = AccountScript(world.redis, "put_account")
    promotion = (ada.id, 0, ada.name, ada.email, "admin", 0, Token.new(ada.id).session_id)
    if signed_in:
        await world.sign_in(ada)
    await put(*promotion)
    started = await world.sign_in(ada)
    await world.store.put_account(ada)

    await put(*promotion)

    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.account == ada
