"""The secret is renewed every ten minutes of use, and whoever holds the cookie alone is never signed out by that."""

import asyncio

import pytest
from session_holders import GRACE, PERIOD, Holder, hash_of, offered, promoted
from session_world import ADDRESS, MINUTE, World

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.token import Token


@pytest.mark.parametrize("remember", [False, True])
async def test_secret_is_renewed_every_ten_minutes_of_use(world: World, ada: AccountSnapshot, *, remember: bool):
    browser = Holder(world, (await world.sign_in(ada, remember=remember)).token)
    secrets = [browser.token]

    for _ in range(40):
        await world.age(browser.token, MINUTE)
        assert await browser.visits()
        if browser.token != secrets[-1]:
            secrets.append(browser.token)

    # Each is shown by the visit after the one that brought it.
    assert len(set(secrets)) == len(secrets) == 1 + 4
    assert await world.listed(ada) == [Token.parse(secrets[0]).session_id]  # type: ignore[union-attr] # We made it.


async def test_secret_of_a_session_in_use_for_less_than_ten_minutes_stays(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, PERIOD - 2)

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.moved
    assert resumed.cookie is None


async def test_old_secret_stays_good_until_the_new_one_was_seen_once(world: World, ada: AccountSnapshot):
    started, new = await offered(world, ada)

    for _ in range(4):
        await world.age(started.token, 5)
        assert await world.resumes(started.token)
    assert await world.resumes(new)


async def test_old_secret_stays_good_a_minute_longer(world: World, ada: AccountSnapshot):
    started, new = await promoted(world, ada)

    assert await world.resumes(started.token)
    await world.age(started.token, GRACE - 2)
    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    # It is on its way out: no answer brings it to the browser again, nor another in its place.
    assert resumed.cookie is None
    assert await world.resumes(new)


async def test_lost_answer_is_followed_by_another_secret_a_minute_later(world: World, ada: AccountSnapshot):
    started, lost = await offered(world, ada)

    await world.age(started.token, MINUTE)
    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.cookie not in {None, lost, started.token}
    # After two that nobody has shown, the next one comes ten minutes later.
    for _ in range(9):
        await world.age(started.token, MINUTE)
        again = await world.service.resume(started.token, address=ADDRESS)
        assert again is not None
        assert again.cookie is None
    await world.age(started.token, MINUTE)
    third = await world.service.resume(started.token, address=ADDRESS)
    assert third is not None
    assert third.cookie is not None


@pytest.mark.parametrize("late", [0, 1])
async def test_late_answer_brings_a_secret_that_is_good_whichever_came_first(
    world: World, ada: AccountSnapshot, late: int
):
    started, one = await offered(world, ada)
    await world.age(started.token, MINUTE)
    resumed = await world.service.resume(started.token, address=ADDRESS)
    assert resumed is not None
    assert resumed.cookie is not None
    two = (one, resumed.cookie)

    assert await world.resumes(two[1 - late])
    assert await world.resumes(two[late])

    # Requests that were under way with any of them all this time are answered.
    for token in (started.token, *two):
        assert await world.resumes(token)
    await world.age(started.token, GRACE + MINUTE)
    assert await world.resumes(two[late])


async def test_requests_at_the_same_moment_bring_one_new_secret(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, PERIOD)

    visits = await asyncio.gather(*(world.service.resume(started.token, address=ADDRESS) for _ in range(8)))

    assert all(visits)
    assert len([visit for visit in visits if visit and visit.cookie]) == 1


async def test_new_secret_shown_by_many_requests_at_once_is_put_in_force_once(world: World, ada: AccountSnapshot):
    started, new = await offered(world, ada)

    assert await asyncio.gather(*(world.resumes(new) for _ in range(8))) == [True] * 8

    written = await world.written(new)
    assert (written["hash"], written["old"]) == (hash_of(new), hash_of(started.token))
