"""Somebody has a copy of the cookie: as soon as both have used it for a while, the session ends and says why."""

import asyncio
from itertools import product

import pytest
from session_holders import GRACE, PERIOD, Holder, hash_of, offered, promoted, renew_often
from session_world import ADDRESS, MINUTE, World

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import Token


async def reason_of(world: World, token: str) -> str | None:
    """Tell what the holder of a token is told about the end of its session."""
    ending = await world.why_ended(token)
    return ending.reason if ending else None


async def test_old_secret_that_is_shown_a_minute_after_the_new_one_ends_the_session(world: World, ada: AccountSnapshot):
    started, new = await promoted(world, ada)
    await world.age(started.token, GRACE)

    assert not await world.resumes(started.token)

    assert not await world.resumes(new)
    assert await world.listed(ada) == []
    assert await reason_of(world, started.token) == await reason_of(world, new) == "two-places"


@pytest.mark.parametrize("renewals", [1, 3, 10])
async def test_secret_of_long_ago_ends_the_session(world: World, ada: AccountSnapshot, renewals: int):
    started = await world.sign_in(ada)
    browser = Holder(world, started.token)
    await renew_often(world, browser, renewals)

    assert not await world.resumes(started.token)

    assert not await browser.visits()
    assert await reason_of(world, started.token) == await reason_of(world, browser.token) == "two-places"


async def test_secret_that_is_forgotten_is_refused_and_ends_nothing(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    browser = Holder(world, started.token)
    await renew_often(world, browser, 11)

    assert not await world.resumes(started.token)

    assert await browser.visits()


async def test_secret_that_is_unknown_ends_nothing(world: World, ada: AccountSnapshot):
    """A Redis that lost its last two seconds, and in them a new secret, raises no alarm."""
    started, new = await promoted(world, ada)
    await world.age(started.token, 2 * GRACE)
    parsed = Token.parse(new)
    assert parsed is not None
    before = await world.everything()

    for _ in range(200):
        assert not await world.resumes(str(parsed.renewed()))

    assert await world.everything() == before
    assert await world.resumes(new)


async def test_signing_out_with_a_secret_of_long_ago_tells_of_two_places(world: World, ada: AccountSnapshot):
    started, new = await promoted(world, ada)
    await world.age(started.token, GRACE)
    old = Token.parse(started.token)
    assert old is not None

    assert await world.service.end_own(old)

    assert await reason_of(world, new) == "two-places"


@pytest.mark.parametrize("shown", ["current", "candidate", "old"])
async def test_signing_out_with_any_secret_that_is_good_is_signing_out(world: World, ada: AccountSnapshot, shown: str):
    started, new = await (promoted if shown == "old" else offered)(world, ada)
    token = Token.parse(new if shown == "candidate" else started.token)
    assert token is not None

    assert await world.service.end_own(token)

    assert await reason_of(world, new) == await reason_of(world, started.token) == "signed-out"
    assert await world.endings() == {token.session_id}


async def test_thief_who_signs_in_elsewhere_with_the_cookie_replaces_what_it_opens(world: World, ada: AccountSnapshot):
    started, _ = await promoted(world, ada)

    again = await world.sign_in(ada, replacing=started.token)

    assert again.ended == (started.session.id,)


@pytest.mark.parametrize("of_whom", ["the same account", "another account"])
async def test_owner_who_signs_in_where_she_was_left_with_a_secret_of_long_ago_puts_the_thief_out(
    world: World, ada: AccountSnapshot, of_whom: str
):
    started, stolen = await promoted(world, ada)
    await world.age(started.token, GRACE)
    account = ada if of_whom == "the same account" else world.person("Grace Hopper")

    again = await world.sign_in(account, replacing=started.token)

    assert again.ended == (started.session.id,)
    assert await world.resumes(again.token)
    assert not await world.resumes(stolen)
    assert await reason_of(world, stolen) == await reason_of(world, started.token) == "two-places"


async def test_secret_that_is_unknown_has_nothing_replaced(world: World, ada: AccountSnapshot):
    started, _ = await promoted(world, ada)
    own = Token.parse(started.token)
    assert own is not None

    assert (await world.sign_in(ada, replacing=str(own.renewed()))).ended == ()
    assert started.session.id in await world.listed(ada)


@pytest.mark.parametrize("pause", [GRACE + 1, PERIOD // 4, PERIOD])
async def test_thief_is_caught_within_two_renewals_after_both_have_acted(world: World, pause: int):
    """Owner and thief, in every order of visits, and each shows what it was handed last."""
    orders = ("".join(order) for order in product("ot", repeat=5))

    await asyncio.gather(*(alternate(world, order * 8, pause) for order in orders if len(set(order)) == 2))


async def alternate(world: World, order: str, pause: int) -> None:
    """Let owner and thief visit in an order, and check that both are put out in time, and told why."""
    ada = world.person()
    started = await world.sign_in(ada)
    holders = {"o": Holder(world, started.token), "t": Holder(world, started.token)}
    acted, renewals, secret = set[str](), 0, hash_of(started.token)

    for name in order:
        await world.age(started.token, pause)
        acted.add(name)
        if not await holders[name].visits():
            break
        now = (await world.written(started.token))["hash"]
        renewals += now != secret and len(acted) == 2
        secret = now
        assert renewals <= 2, order
    else:
        pytest.fail(f"Both went on: {order}.")

    assert await world.listed(ada) == []
    for holder in holders.values():
        assert await reason_of(world, holder.token) == "two-places"


async def test_two_browsers_are_never_handed_the_same_secret(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    handed = []
    for _ in range(50):
        await world.age(started.token, MINUTE)
        resumed = await world.service.resume(started.token, address=ADDRESS)
        if resumed is None:
            break
        handed.append(resumed.cookie)

    given = [cookie for cookie in handed if cookie]
    assert len(given) == len(set(given)) > 4
