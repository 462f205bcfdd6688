"""A browser at the edge of two networks is handed a secret on each: it may show both, in any order, and stays in."""

import asyncio

from session_holders import GRACE, PERIOD, hash_of, offered
from session_world import ADDRESS, MINUTE, World

from webapp.sessions.model import AccountSnapshot

ROAD, TRAIN = "192.0.2.66", "2001:db8:66::1"


async def two(world: World, account: AccountSnapshot) -> tuple[str, str, str]:
    """Sign in and have two secrets handed out at once; gives the one in force and both of these."""
    started, one = await offered(world, account)
    resumed = await world.service.resume(started.token, address=ROAD)
    assert resumed is not None
    assert resumed.cookie is not None
    return started.token, one, resumed.cookie


async def test_secret_that_is_under_way_beside_one_that_was_shown_stays_good(world: World, ada: AccountSnapshot):
    first, one, other = await two(world, ada)
    assert await world.resumes(one)

    again = await world.service.resume(one, address=TRAIN)

    assert again is not None
    assert again.cookie is None
    assert await world.resumes(other)
    assert (await world.written(first))["hash"] == hash_of(other)


async def test_browser_that_received_both_may_show_the_last_one_however_long_nobody_came(
    world: World, ada: AccountSnapshot
):
    first, one, late = await two(world, ada)
    assert await world.resumes(one)
    await world.age(first, 20 * MINUTE)

    assert await asyncio.gather(*(world.resumes(late) for _ in range(3))) == [True] * 3

    written = await world.written(first)
    assert written["hash"] == hash_of(late)
    assert not {"next", "next_before", "asked"} & set(written)


async def test_requests_that_overtake_each_other_do_not_decide_which_one_stays(world: World, ada: AccountSnapshot):
    """She has received the second one last; a request with the first one is slow."""
    first, one, other = await two(world, ada)
    for shown in (other, one):
        assert await world.resumes(shown)
    await world.age(first, GRACE + 1)

    assert await world.resumes(other)

    await world.age(first, GRACE + 1)
    assert await world.resumes(other)
    assert (await world.written(first))["hash"] == hash_of(other)


async def test_no_other_is_handed_out_while_nobody_knows_which_one_stays(world: World, ada: AccountSnapshot):
    """It would have one of them forgotten that is under way."""
    first, one, other = await two(world, ada)
    await world.age(first, PERIOD)
    assert await world.resumes(one)
    await world.age(first, GRACE // 2)
    world = world.touching(5)

    for address in (ADDRESS, TRAIN):
        resumed = await world.service.resume(one, address=address)
        assert resumed is not None
        assert resumed.cookie is None
    assert await world.service.offer(one, address=ADDRESS) is None

    assert await world.resumes(other)


async def test_cookie_of_a_remembered_session_is_not_sent_anew_while_nobody_knows_which_one_stays(
    world: World, ada: AccountSnapshot
):
    started = await world.sign_in(ada, remember=True)
    handed = []
    await world.age(started.token, PERIOD)
    for address in (ADDRESS, ROAD):
        resumed = await world.service.resume(started.token, address=address)
        assert resumed is not None
        handed.append(resumed.cookie or "")
    world = world.touching(5)

    for shown in (*handed, *handed):
        await world.age(started.token, 6)
        resumed = await world.service.resume(shown, address=ADDRESS)
        assert resumed is not None
        assert resumed.moved
        assert resumed.cookie is None


async def test_two_who_hold_one_each_are_found_out_however_often_they_come(world: World, ada: AccountSnapshot):
    first, one, other = await two(world, ada)

    for _ in range(3 * GRACE // 5):
        await world.age(first, 5)
        if not await world.resumes(one) or not await world.resumes(other):
            break

    assert await world.listed(ada) == []
    ending = await world.why_ended(one)
    assert ending is not None
    assert ending.reason == "two-places"
