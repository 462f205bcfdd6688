"""When the history has the end of a session, Redis keeps no more of it than its browser has to be told."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import session_records as records
from redis.asyncio import Redis
from session_fields import account_key
from watch.world import ADDRESS, BY_ADA, FIREFOX, KNOWN, VISIT, World

from webapp.errors import StoreUnavailable
from webapp.history import History
from webapp.sessions.model import Cause, Ending, Started
from webapp.sessions.token import Token

NAMED = "Kitchen"
# What of its owner a record has.
TRACES = (ADDRESS, NAMED, KNOWN.name[:11], FIREFOX.label)
HOUR = 3600


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    """Look into Redis past the services."""
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        yield store


async def named_sign_in(world: World) -> Started:
    started = await world.watched_sign_in(replace(VISIT, remember=True))
    assert await world.services.sessions.rename(world.ada.id, started.session.id, NAMED)
    return started


async def traces(world: World, store: Redis, started: Started) -> list[str]:
    """Give what Redis still has of the owner, in the record of a session."""
    record = str(await records.record(store, world.ada.id, started.session.id))
    return [trace for trace in TRACES if trace in record]


async def told(world: World, started: Started) -> Ending:
    token = Token.parse(started.token)
    assert token is not None
    ending = (await world.services.sessions.peek(token)).ending
    assert ending is not None
    return ending


async def test_no_address_name_or_browser_stays_when_the_line_is_written_and_its_browser_is_told_all_the_same(
    world: World, store: Redis
) -> None:
    started = await named_sign_in(world)
    await world.end(started)
    before = await told(world, started)
    assert await traces(world, store, started) == list(TRACES)

    assert await world.work() == 1

    assert await traces(world, store, started) == []
    after = await told(world, started)
    assert (after.reason, after.by, after.at) == (before.reason, before.by, before.at) == (*_of(BY_ADA), before.at)
    (event,) = await world.events("ended")
    assert (event.origin.device, event.details["name"]) == (FIREFOX.encode(), NAMED)


def _of(cause: Cause) -> tuple[str, str]:
    return cause.reason, cause.by


async def test_nothing_is_taken_away_before_the_history_has_it(
    world: World, store: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("the database")

    started = await named_sign_in(world)
    await world.end(started)
    with monkeypatch.context() as away:
        away.setattr(History, "note", fail)
        await world.work()
    assert await traces(world, store, started) == list(TRACES)

    await world.time_passes(started.session.id, HOUR)
    await world.work()
    assert await traces(world, store, started) == []


async def test_server_that_does_it_once_more_changes_nothing_of_the_line(world: World, store: Redis) -> None:
    started = await named_sign_in(world)
    await world.end(started)
    (claimed,) = await world.claim()
    await world.do(claimed)
    assert await traces(world, store, started) == []
    written = await world.events("ended")

    await world.do(claimed)
    assert await world.events("ended") == written
    assert [event.details["name"] for event in written] == [NAMED]


async def test_what_is_left_goes_when_it_would_have_gone(world: World, store: Redis) -> None:
    started = await named_sign_in(world)
    await world.end(started)
    key = account_key(world.ada.id)
    before = await store.ttl(key)
    await world.work()
    assert before - 60 <= await store.ttl(key) <= before
