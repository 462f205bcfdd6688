import pytest
from session_fields import DUE, account_key
from session_world import ADDRESS, DAY, HOUR, MINUTE, World, key_of

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import Token, new_public_id


async def test_visit_within_the_touch_interval_writes_nothing(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, MINUTE - 10)
    before = await world.everything()

    resumed = await world.service.resume(started.token, address="198.51.100.1")

    assert resumed is not None
    assert not resumed.moved
    assert await world.everything() == before


async def test_visit_after_the_touch_interval_slides_the_end_once(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada, remember=True)
    await world.age(started.token, MINUTE)

    first = await world.service.resume(started.token, address="198.51.100.1")
    second = await world.service.resume(started.token, address="198.51.100.2")

    assert first is not None
    assert second is not None
    assert (first.moved, second.moved) == (True, False)
    assert first.session.seen == first.now
    assert first.session.ends == first.now + 30 * DAY
    # People change networks: the list shows the last one, and nobody is signed out for it.
    assert first.session.address == second.session.address == "198.51.100.1"
    assert await world.ends_at(key_of(started.token)) == first.session.ends


async def test_visit_moves_neither_the_beginning_nor_the_confirmation(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, 10 * MINUTE)

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.session.created == resumed.session.confirmed == started.now - 10 * MINUTE
    assert resumed.session.expires == started.session.expires - 10 * MINUTE


@pytest.mark.parametrize(("remember", "idle"), [(False, HOUR), (True, 30 * DAY)])
async def test_session_unused_for_the_idle_limit_is_over(
    world: World, ada: AccountSnapshot, *, remember: bool, idle: int
):
    nearly, over = [await world.sign_in(ada, remember=remember) for _ in range(2)]
    await world.age(nearly.token, idle - 5)
    await world.age(over.token, idle)

    assert await world.resumes(nearly.token)
    assert not await world.resumes(over.token)
    assert await world.listed(ada) == [nearly.session.id]


@pytest.mark.parametrize(("remember", "idle", "lifetime"), [(False, HOUR, DAY), (True, 30 * DAY, 90 * DAY)])
async def test_session_in_constant_use_ends_with_its_lifetime(
    world: World, ada: AccountSnapshot, *, remember: bool, idle: int, lifetime: int
):
    started = await world.sign_in(ada, remember=remember)
    step = idle // 2
    for _ in range(lifetime // step - 1):
        await world.age(started.token, step)
        assert await world.resumes(started.token)
    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    # The last half of the pause is cut: what is left is what is left of the lifetime.
    assert resumed.session.ends == started.session.expires - (lifetime // step - 1) * step

    await world.age(started.token, step)

    assert not await world.resumes(started.token)
    assert await world.written(started.token) == {}


async def test_session_that_is_over_leaves_nothing_behind(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, DAY)

    assert not await world.resumes(started.token)
    assert await world.keys() == set()


async def test_forged_secrets_end_nothing_and_write_nothing(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, 10 * MINUTE)
    before = await world.everything()

    for _ in range(500):
        forged = Token(ada.id, started.session.id, Token.new(ada.id).secret)
        assert not await world.resumes(str(forged))

    assert await world.everything() == before
    assert await world.resumes(started.token)


async def test_unknown_session_is_not_adopted(world: World, ada: AccountSnapshot):
    await world.sign_in(ada)
    before = await world.keys()

    assert not await world.resumes(str(Token.new(ada.id)))
    assert not await world.resumes(str(Token.new(new_public_id())))
    assert await world.keys() == before


async def test_hash_read_from_redis_does_not_sign_in(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    found = (await world.written(started.token))["hash"]

    assert not await world.resumes(f"{ada.id}.{started.session.id}.{found}")


@pytest.mark.parametrize("text", ["", "junk", "\0", "é" * 87, "a.b.c", "x" * 100_000, "\ud800"])
async def test_text_that_is_no_token_is_not_signed_in(world: World, text: str):
    assert not await world.resumes(text)
    assert await world.keys() == set()


async def test_clock_that_went_back_neither_extends_nor_ends(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    # Redis was ten minutes ahead when it wrote this.
    await world.age(started.token, -10 * MINUTE)
    before = await world.everything()

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert not resumed.moved
    assert resumed.session.ends == started.session.ends + 10 * MINUTE
    assert await world.everything() == before


async def test_visit_that_slides_takes_out_what_is_over_by_then(world: World, ada: AccountSnapshot):
    here, over = await world.sign_in(ada, remember=True), await world.sign_in(ada)
    await world.age(over.token, HOUR)
    await world.age(here.token, MINUTE)

    assert await world.resumes(here.token)

    assert await world.ids() == {here.session.id}


@pytest.mark.parametrize("bent", [None, "", "soon", "-1"])
async def test_second_before_which_nothing_is_over_is_found_anew(world: World, ada: AccountSnapshot, bent: str | None):
    here, over = await world.sign_in(ada, remember=True), await world.sign_in(ada)
    await world.age(over.token, HOUR)
    await world.age(here.token, MINUTE)
    await world.redis.hdel(account_key(ada.id), DUE)
    if bent is not None:
        await world.redis.hset(account_key(ada.id), DUE, bent)

    resumed = await world.service.resume(here.token, address=ADDRESS)

    assert resumed is not None
    assert await world.ids() == {here.session.id}
    assert (await world.fields(ada.id))[DUE] == str(resumed.session.ends)
