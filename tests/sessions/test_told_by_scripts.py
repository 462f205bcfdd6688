"""Redis tells those who listen what has happened to sessions: each thing once, and nothing where nothing happened."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from redis_forms import Deployment, full
from session_ends import ENDS, own
from session_holders import GRACE, promoted
from session_news import Listener, listening
from session_world import ADDRESS, CAUSE, DAY, FIREFOX, HOUR, MINUTE, World

from webapp.sessions.model import AccountSnapshot
from webapp.sessions.news import News
from webapp.sessions.record import NewSession
from webapp.sessions.script import AccountScript
from webapp.sessions.token import Token

# What a message may be: public ids, one word, and nothing else of anybody.
MESSAGE = re.compile(r"[A-Za-z0-9_-]{22} (started|ended|renamed|moved)( [A-Za-z0-9_-]{22}){1,50}")
# ENDS_SOON of touch.lua.
ENDS_SOON = 130


@pytest.fixture
async def listener(deployment: Deployment, ada: AccountSnapshot) -> AsyncIterator[Listener]:
    """Listen to what is told of Ada."""
    async with listening(deployment, ada.id) as listener:
        yield listener


@pytest.mark.parametrize("act", ENDS)
async def test_whoever_ends_a_session_it_is_told_and_is_over_by_then(
    world: World, listener: Listener, ada: AccountSnapshot, act: str
):
    started = await world.sign_in(ada)
    await listener.messages()
    end, cause = ENDS[act]
    ended = News(ada.id, "ended", (started.session.id,))

    ending = asyncio.ensure_future(end(world, started))
    heard = [await listener.next()]
    while News.read(heard[-1]) != ended:
        heard.append(await listener.next())
    look = await world.service.peek(own(started))

    assert look.session is None
    assert look.ending is not None
    assert look.ending.reason == cause.reason
    await ending
    again = await listener.news(ada.id)
    assert ended not in again


async def test_beginning_naming_and_renewing_are_told(world: World, listener: Listener, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    assert await listener.news(ada.id) == [News(ada.id, "started", (started.session.id,))]

    assert await world.service.rename(ada.id, started.session.id, "Kitchen")
    assert await listener.news(ada.id) == [News(ada.id, "renamed", (started.session.id,))]
    # By the name that it has already nothing changes, and an end that follows is the next that is heard.
    assert await world.service.rename(ada.id, started.session.id, "Kitchen")

    assert await world.service.renew(started.token)
    assert await listener.news(ada.id) == [News(ada.id, "moved", (started.session.id,))]


async def test_all_that_end_for_a_sign_in_are_told_in_one_message(
    world: World, listener: Listener, ada: AccountSnapshot
):
    here, unused, latest = [await world.sign_in(ada) for _ in range(3)]
    await world.age(unused.token, MINUTE)
    await listener.messages()

    started = await world.limited_to(2).sign_in(ada, replacing=here.token)

    assert started.ended == (here.session.id, unused.session.id)
    assert await listener.news(ada.id) == [
        News(ada.id, "ended", started.ended),
        News(ada.id, "started", (started.session.id,)),
    ]
    assert set(await world.listed(ada)) == {latest.session.id, started.session.id}


@pytest.mark.parametrize("act", ["visit", "sign out", "sign in"])
async def test_end_for_two_holders_is_told(world: World, listener: Listener, ada: AccountSnapshot, act: str):
    started, new = await promoted(world, ada)
    await world.age(new, GRACE)
    await listener.messages()

    if act == "visit":
        assert not await world.resumes(started.token)
    elif act == "sign out":
        assert await world.service.end_own(own(started))
    else:
        await world.sign_in(ada, replacing=started.token)

    news = await listener.news(ada.id)
    assert news[0] == News(ada.id, "ended", (started.session.id,))
    assert len(news) == (2 if act == "sign in" else 1)
    ending = await world.why_ended(new)
    assert ending is not None
    assert ending.reason == "two-places"


async def test_nothing_is_told_where_nothing_happened(world: World, listener: Listener, ada: AccountSnapshot):
    gone, here = await world.sign_in(ada), await world.sign_in(ada)
    await world.service.end(ada.id, gone.session.id, CAUSE)
    await world.age(here.token, MINUTE)
    await listener.messages()
    forged = own(here).renewed()

    assert await world.resumes(here.token)
    assert await world.resumes(here.token)
    assert not await world.resumes(str(forged))
    await world.listed(ada)
    await world.service.peek(own(here))
    await world.service.peek(own(gone))
    assert not await world.service.end(ada.id, gone.session.id, CAUSE)
    assert not await world.service.end_own(forged)
    assert await world.service.end_others(ada.id, here.session.id, CAUSE) == ()
    assert not await world.service.rename(ada.id, gone.session.id, "Kitchen")
    assert await world.service.renew(gone.token) is None
    assert await world.service.renew(str(forged)) is None
    assert await world.service.confirm(ada.id, here.session.id)
    assert await world.service.offer(here.token, address=ADDRESS)
    await world.service.put_account(ada)
    await world.service.trim_ending(ada.id, gone.session.id)
    await world.service.forget_endings(ada.id, [gone.session.id])

    assert await listener.messages() == []


async def test_calls_that_come_again_tell_nothing(world: World, listener: Listener, ada: AccountSnapshot):
    new = NewSession(Token.new(ada.id), world.policy.plain, False, "password", FIREFOX, ADDRESS)
    await world.store.start(new, ada, limit=5)
    old, renewed = new.token, new.token.renewed()
    renew = AccountScript(world.redis, "renew")
    renewal = (ada.id, old.session_id, old.secret_hash, renewed.secret_hash)
    assert await renew(*renewal)
    assert len(await listener.news(ada.id)) == 2

    await world.store.start(new, ada, limit=5)
    assert await renew(*renewal)

    assert await listener.messages() == []


async def test_visit_to_a_session_that_was_about_to_end_is_told(world: World, listener: Listener, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, HOUR - ENDS_SOON)
    await listener.messages()

    assert await world.resumes(started.token)
    assert await listener.news(ada.id) == [News(ada.id, "moved", (started.session.id,))]
    assert await world.resumes(started.token)
    assert await listener.messages() == []


async def test_visit_long_before_the_end_is_not_told(world: World, listener: Listener, ada: AccountSnapshot):
    started = await world.sign_in(ada)
    await world.age(started.token, HOUR - ENDS_SOON - 10 * MINUTE)
    await listener.messages()

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.moved
    assert await listener.messages() == []


async def test_visit_that_puts_off_no_end_is_not_told(world: World, listener: Listener, ada: AccountSnapshot):
    """Whoever comes every minute is not told each time that his longest time is nearly over."""
    started = await world.sign_in(ada)
    for _ in range(24):
        await world.age(started.token, HOUR - MINUTE)
        assert await world.resumes(started.token)
    await world.age(started.token, 22 * MINUTE)
    assert await world.resumes(started.token)
    await world.age(started.token, MINUTE)
    await listener.messages()

    resumed = await world.service.resume(started.token, address=ADDRESS)

    assert resumed is not None
    assert resumed.moved
    assert resumed.session.ends - resumed.now <= ENDS_SOON
    assert resumed.session.ends == resumed.session.created + DAY
    assert await listener.messages() == []


async def test_many_ends_are_told_in_messages_of_fifty(world: World, listener: Listener, ada: AccountSnapshot):
    world = world.limited_to(200)
    started = [(await world.sign_in(ada)).session.id for _ in range(101)]
    await listener.messages()

    assert len(await world.service.end_all(ada.id, CAUSE)) == 101

    news = await listener.news(ada.id)
    assert [len(one.session_ids) for one in news if one and one.kind == "ended"] == [50, 50, 1]
    told = [session_id for one in news if one for session_id in one.session_ids]
    assert sorted(told) == sorted(started)


async def test_messages_hold_public_ids_and_nothing_else_of_anybody(
    world: World, listener: Listener, ada: AccountSnapshot
):
    world = world.limited_to(2)
    for act in ENDS:
        started = await world.sign_in(ada, browser="b" * 22)
        await world.service.rename(ada.id, started.session.id, f"Kitchen {act}")
        renewed = await world.service.renew(started.token)
        assert renewed is not None
        await world.age(renewed.token, HOUR - MINUTE)
        await world.resumes(renewed.token)
        await ENDS[act][0](world, renewed)

    messages = await listener.messages()

    assert len(messages) >= 5 * len(ENDS)
    assert {message.split()[1] for message in messages} == {"started", "ended", "renamed", "moved"}
    assert [message for message in messages if not MESSAGE.fullmatch(message)] == []
    public = set(world.accounts.rows) | await world.ids()
    told = {word for message in messages for word in message.split() if len(word) == 22}
    assert told <= public


async def test_full_redis_ends_sessions_and_tells(
    world: World, deployment: Deployment, listener: Listener, ada: AccountSnapshot
):
    here, there = await world.sign_in(ada), await world.sign_in(ada)
    await listener.messages()

    with full(deployment):
        assert await world.service.end(ada.id, there.session.id, CAUSE)
        assert await world.service.end_all(ada.id, CAUSE) == (here.session.id,)
        ids = (there.session.id, here.session.id)
        assert await listener.news(ada.id) == [News(ada.id, "ended", (one,)) for one in ids]
