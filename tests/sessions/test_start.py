from session_fields import account_key
from session_world import ADDRESS, DAY, FIREFOX, HOUR, MINUTE, World, key_of, mark_key

from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot
from webapp.sessions.record import NewSession
from webapp.sessions.token import Token, new_public_id


async def test_started_session_tells_what_is_known_of_it(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    session = started.session
    assert session.created == session.seen == session.confirmed == started.now
    assert session.idle == HOUR
    assert session.expires == started.now + DAY
    assert session.ends == started.now + HOUR
    assert (session.remembered, session.method, session.device) == (False, "password", FIREFOX)
    assert (session.address, session.name) == (ADDRESS, "")
    assert session.account_id == ada.id


async def test_remembered_session_has_the_longer_limits(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada, remember=True)

    assert started.session.remembered
    assert started.session.ends == started.now + 30 * DAY
    assert started.session.expires == started.now + 90 * DAY


async def test_token_of_a_started_session_resumes_it(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.session == started.session
    assert resumed.account == ada


async def test_at_the_limit_the_replaced_session_goes_and_nobody_else(world: World, ada: AccountSnapshot):
    world = world.limited_to(2)
    there, here = await world.sign_in(ada), await world.sign_in(ada)

    again = await world.sign_in(ada, replacing=here.token)

    assert set(await world.listed(ada)) == {there.session.id, again.session.id}
    assert not await world.resumes(here.token)


async def test_every_sign_in_makes_a_session_of_its_own(world: World, ada: AccountSnapshot):
    tokens = {(await world.sign_in(ada)).token for _ in range(20)}

    assert len(tokens) == 20
    assert len(await world.listed(ada)) == 20


async def test_key_goes_at_the_second_at_which_the_session_ends(world: World, ada: AccountSnapshot):
    for remember in (False, True):
        started = await world.sign_in(ada, remember=remember)
        ends = started.session.ends

        assert await world.ends_at(key_of(started.token)) == ends


async def test_key_goes_with_the_longest_session(world: World, ada: AccountSnapshot):
    longest = await world.sign_in(ada, remember=True)
    await world.sign_in(ada)

    assert await world.ends_at(account_key(ada.id)) == longest.session.ends


async def test_sign_in_where_a_session_is_ends_the_old_one(world: World, ada: AccountSnapshot):
    old = await world.sign_in(ada)

    new = await world.sign_in(ada, replacing=old.token)

    assert not await world.resumes(old.token)
    assert await world.resumes(new.token)
    assert await world.listed(ada) == [new.session.id]


async def test_sign_in_as_somebody_else_ends_the_old_session_too(world: World, ada: AccountSnapshot):
    old = await world.sign_in(ada)

    await world.sign_in(world.person("Grace Hopper"), replacing=old.token)

    assert not await world.resumes(old.token)


async def test_forged_old_token_ends_nobody(world: World, ada: AccountSnapshot):
    victim = await world.sign_in(ada)
    forged = str(Token.new(ada.id)).rpartition(".")[2]

    for replacing in (f"{ada.id}.{victim.session.id}.{forged}", "junk", "", str(Token.new(new_public_id()))):
        await world.sign_in(world.person("Grace Hopper"), replacing=replacing)

    assert await world.resumes(victim.token)


async def test_at_the_limit_the_one_unused_for_longest_ends(world: World, ada: AccountSnapshot):
    limited = world.limited_to(3)
    first, second, third = [await limited.sign_in(ada) for _ in range(3)]
    # The first one is the oldest, and was used after the second.
    await world.age(first.token, 600)
    await world.age(second.token, 500)
    await world.age(third.token, 400)
    await limited.resumes(first.token)

    fourth = await limited.sign_in(ada)

    assert not await limited.resumes(second.token)
    assert set(await limited.listed(ada)) == {first.session.id, third.session.id, fourth.session.id}


async def test_limit_that_was_lowered_makes_room_for_one(world: World, ada: AccountSnapshot):
    tokens = [(await world.sign_in(ada)).token for _ in range(5)]

    started = await world.limited_to(2).sign_in(ada)

    assert len(await world.listed(ada)) == 2
    assert await world.resumes(started.token)
    assert sum([await world.resumes(token) for token in tokens]) == 1


async def test_dead_sessions_do_not_count(world: World, ada: AccountSnapshot):
    limited = world.limited_to(2)
    dead, living = [await limited.sign_in(ada) for _ in range(2)]
    await world.age(dead.token, HOUR)

    started = await limited.sign_in(ada)

    assert set(await limited.listed(ada)) == {living.session.id, started.session.id}


async def test_other_accounts_do_not_count(world: World, ada: AccountSnapshot):
    limited = world.limited_to(1)
    hers = await limited.sign_in(world.person("Grace Hopper"))

    await limited.sign_in(ada)

    assert await limited.resumes(hers.token)


async def test_start_repeated_after_a_lost_answer_changes_nothing(world: World, ada: AccountSnapshot):
    other = await world.sign_in(ada)
    new = NewSession(Token.new(ada.id), world.policy.plain, False, "password", FIREFOX, ADDRESS)
    once = await world.store.start(new, ada, limit=2)

    again = await world.store.start(new, ada, limit=2)

    assert (again.token, again.session) == (once.token, once.session)
    assert await world.resumes(once.token)
    assert set(await world.listed(ada)) == {other.session.id, once.session.id}


async def test_texts_from_outside_are_cut_to_their_fields(world: World, ada: AccountSnapshot):
    device = Device.from_headers("b" * 500 + "/1", {})

    started = await world.service.start(ada, remember=False, method="m" * 90, device=device, address="é" * 90)

    assert started.session.address == "é" * 32
    assert started.session.method == "m" * 64
    longest = max(len(value.encode()) for value in (await world.written(started.token)).values())
    assert longest <= 64


async def test_keys_are_the_one_that_the_design_names_and_a_mark(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    token = Token.parse(started.token)

    assert token is not None
    assert await world.keys() == {account_key(ada.id)}
    assert await world.marks() == {mark_key(token)}


async def test_session_on_a_shared_computer_ends_within_the_hour_and_is_not_remembered(
    world: World, ada: AccountSnapshot
):
    token = Token.new(ada.id)
    started = await world.service.start(
        ada,
        token=token,
        remember=True,
        shared=True,
        browser="b" * 43,
        method="password",
        device=FIREFOX,
        address=ADDRESS,
    )

    session = started.session
    assert started.token == str(token)
    assert (session.id, session.shared, session.browser) == (token.session_id, True, "b" * 11)
    assert (session.remembered, session.idle) == (False, HOUR)
    assert session.expires == started.now + HOUR
    assert (await world.service.list(ada.id)).sessions == (session,)
    assert (await world.written(started.token))["shared"] == "1"
    assert not {"browser", "shared"} & set(await world.written((await world.sign_in(ada)).token))
    await world.age(started.token, HOUR - 2)
    assert await world.resumes(started.token)
    await world.age(started.token, MINUTE)
    assert not await world.resumes(started.token)
