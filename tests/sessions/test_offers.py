"""A new secret right after the password was given, and calls of the renewal that come twice."""

import asyncio

import pytest
from session_holders import GRACE, PERIOD, Holder, hash_of, offered, promoted, renew_often
from session_world import ADDRESS, CAUSE, MINUTE, World

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.network import print_of
from webapp.sessions.script import AccountScript
from webapp.sessions.token import Token


def parsed(token: str) -> Token:
    found = Token.parse(token)
    assert found is not None
    return found


async def test_whoever_gives_the_password_is_handed_a_new_secret_at_once(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    new = await world.service.offer(started.token, address=ADDRESS)

    assert new not in {None, started.token}
    assert await world.resumes(started.token)
    assert await world.resumes(new or "")
    await world.age(started.token, GRACE)
    assert not await world.resumes(started.token)


async def test_remembered_session_is_handed_it_once_no_answer_can_bring_the_old_one_back(
    world: World, ada: AccountSnapshot
):
    started = await world.sign_in(ada, remember=True)
    await world.age(started.token, MINUTE)
    rolled = await world.service.resume(started.token, address=ADDRESS)
    assert rolled is not None
    assert rolled.cookie == started.token

    assert await world.service.offer(started.token, address=ADDRESS) is None

    browser = Holder(world, started.token)
    for _ in range(2):
        await world.age(started.token, GRACE)
        assert await browser.visits()
    assert browser.token != started.token


async def test_password_given_twice_at_once_brings_one_new_secret(world: World, ada: AccountSnapshot):
    started = await world.sign_in(ada)

    offers = await asyncio.gather(*(world.service.offer(started.token, address=ADDRESS) for _ in range(5)))

    assert len([offer for offer in offers if offer]) == 1


async def test_password_given_with_another_secret_than_the_current_one_brings_none(world: World, ada: AccountSnapshot):
    started, new = await promoted(world, ada)
    before = await world.everything()

    for token in (started.token, str(parsed(new).renewed()), "", "junk", str(Token.new(ada.id))):
        assert await world.service.offer(token, address=ADDRESS) is None

    assert await world.everything() == before


async def test_password_given_again_and_again_supersedes_no_third_secret_within_a_minute(
    world: World, ada: AccountSnapshot
):
    """A request that is under way with the first of them would be taken for a thief's."""
    first = (await world.sign_in(ada)).token
    browser = Holder(world, first)

    for _ in range(10):
        browser.token = await world.service.offer(browser.token, address=ADDRESS) or browser.token
        assert await browser.visits()
        assert await world.resumes(first)


async def test_offer_that_comes_again_is_answered_and_changes_nothing(world: World, ada: AccountSnapshot):
    old = parsed((await world.sign_in(ada)).token)
    offer, new = AccountScript(world.redis, "offer"), old.renewed()
    given = (ada.id, old.session_id, old.secret_hash, new.secret_hash, print_of(ADDRESS), 1)
    assert await offer(*given)
    before = await world.everything()

    assert await offer(*given)

    assert await world.everything() == before
    assert await world.resumes(str(new))
    before = await world.everything()
    assert not await offer(*given)
    assert await world.everything() == before


async def test_promotion_that_comes_again_brings_no_secret_back(world: World, ada: AccountSnapshot):
    started, new = await promoted(world, ada)
    promote, token = AccountScript(world.redis, "promote"), parsed(new)
    given = (ada.id, token.session_id, token.secret_hash)
    assert (await world.written(new))["hash"] == hash_of(new)
    browser = Holder(world, new)
    await renew_often(world, browser, 1)
    before = await world.everything()

    assert not await promote(*given)

    assert await world.everything() == before
    assert (await world.written(started.token))["hash"] == hash_of(browser.token)
    await world.service.end_all(ada.id, CAUSE)
    assert not await promote(*given)
    assert await world.keys() == set()


@pytest.mark.parametrize("age", [0, GRACE + 5, PERIOD])
async def test_session_whose_password_was_changed_and_whose_secret_was_not_ends_whatever_took_its_place_since(
    world: World, ada: AccountSnapshot, age: int
):
    started, _ = await promoted(world, ada)
    if age:
        await world.age(started.token, age)

    assert await world.service.end_unrenewed(ada.id, started.session.id, hash_of(started.token), CAUSE)

    assert await world.listed(ada) == []


async def test_session_that_was_given_a_new_secret_for_its_password_is_not_ended_for_the_old_one(
    world: World, ada: AccountSnapshot
):
    started, new = await offered(world, ada)
    renewed = await world.service.renew(new)
    assert renewed is not None

    for token in (started.token, new):
        assert not await world.service.end_unrenewed(ada.id, started.session.id, hash_of(token), CAUSE)

    assert await world.resumes(renewed.token)
