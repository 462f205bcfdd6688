"""The end of a session is written into the history with its reason: once, and however late."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import session_records as records
from redis.asyncio import Redis
from watch.world import ADDRESS, BY_ADA, FIREFOX, NETWORK, OTHER, SAFARI, VISIT, World, on

from webapp.errors import StoreUnavailable
from webapp.outbox import Outbox
from webapp.sessions.model import Cause, Started
from webapp.sessions.service import SessionService
from webapp.watch import hastening
from webapp.watch.entries import WATCH

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    """Look into Redis past the services."""
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        yield store


async def vanishes(world: World, store: Redis, started: Started, *, ago: int) -> None:
    """Let a session be over by itself since so many seconds: Redis has removed it, and the look comes now."""
    passed = started.session.ends - started.session.created + ago
    await records.age(store, world.ada.id, started.session.id, passed)
    (entry,) = [entry for entry in await world.claim_ahead() if entry.id == started.session.id]
    ends = int(entry.body["ends"])
    moved = {**entry.body, "ends": str(ends - (ends - started.session.created) - ago)}
    moved["expires"] = str(int(entry.body["expires"]) - (ends - started.session.created) - ago)
    await world.put_back(entry, moved)
    await records.lose(store, world.ada.id, started.session.id)


@pytest.mark.parametrize("reason", ["signed-out", "elsewhere", "limit", "password", "email", "operator", "not-me"])
async def test_end_is_written_with_its_reason_and_from_which_device(world: World, reason: str) -> None:
    started = await world.watched_sign_in()
    cause = Cause(reason, "Safari on iPhone")  # type: ignore[arg-type]  # A reason.
    before = datetime.now(UTC) - timedelta(seconds=1)
    await world.end(started, cause)
    assert await world.work() == 1
    (event,) = await world.events("ended")
    assert event.details == {"reason": reason, "by": "Safari on iPhone"}
    assert event.origin.device == FIREFOX.encode()
    assert event.at >= before.replace(microsecond=0)
    assert await world.entries(WATCH) == []


async def test_address_is_cut_when_the_session_is_over(world: World) -> None:
    started = await world.watched_sign_in()
    assert [event.origin.address for event in await world.events()] == [ADDRESS]
    await world.end(started)
    await world.work()
    assert [event.origin.address for event in await world.events()] == [NETWORK, NETWORK]


async def test_address_of_ipv6_is_cut_to_48_bits(world: World) -> None:
    started = await world.watched_sign_in(on(address="2001:db8:1:2:3:4:5:6"))
    await world.end(started)
    await world.work()
    assert {event.origin.address for event in await world.events()} == {"2001:db8:1::/48"}


async def test_place_is_told_only_of_the_address_that_it_belongs_to(world: World, store: Redis) -> None:
    stayed, moved = await world.watched_sign_in(), await world.watched_sign_in(on(SAFARI, browser=OTHER))
    await records.write(store, world.ada.id, moved.session.id, address="198.51.100.9")
    for started in (stayed, moved):
        await world.end(started)
    await world.work()
    told = {(event.origin.address, event.origin.place) for event in await world.events("ended")}
    assert told == {(NETWORK, "Berlin, Germany"), ("198.51.100.0/24", "")}


async def test_session_that_ended_before_anybody_looked_has_both_lines(world: World) -> None:
    started = await world.sign_in()
    await world.end(started)
    assert await world.work() == 1
    assert sorted(await world.kinds()) == ["ended", "signed-in"]


async def test_end_that_sql_was_away_at_is_written_when_it_is_looked_at_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("the database")

    started = await world.watched_sign_in()
    with monkeypatch.context() as away:
        away.setattr(Outbox, "hasten", fail)
        away.setattr(hastening, "PAUSES", ())
        await world.end(started)
    assert await world.work() == 0
    await world.time_passes(started.session.id, DAY)
    assert await world.work() == 1
    assert await world.reasons() == ["elsewhere"]


async def test_end_is_written_late_where_redis_is_away_at_the_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("Redis")

    started = await world.watched_sign_in()
    await world.end(started)
    with monkeypatch.context() as away:
        away.setattr(SessionService, "look", fail)
        assert await world.work() == 1
    assert await world.events("ended") == []
    await world.time_passes(started.session.id, HOUR)
    assert await world.work() == 1
    assert await world.reasons() == ["elsewhere"]


async def test_server_that_dies_at_the_look_leaves_it_to_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started = await world.watched_sign_in()
    await world.end(started)
    (claimed,) = await world.claim()
    assert await world.work() == 0
    async with world.engine.begin() as db:
        # Its claim runs out.
        await world.services.outbox.hasten(db, [claimed.id])
    assert await world.work() == 1
    # It comes back after all, and finds it done.
    await world.do(claimed)
    assert await world.reasons() == ["elsewhere"]


async def test_two_servers_at_one_end_write_one_line(world: World) -> None:
    started = await world.watched_sign_in()
    await world.end(started, Cause("two-places"))
    (entry,) = await world.claim()
    await asyncio.gather(world.do(entry), world.do(entry), world.do(entry))
    assert await world.reasons() == ["two-places"]
    assert (await world.letters()).count("used-in-two-places") == 1


async def test_fifty_sessions_that_end_at_once_are_all_written(world: World) -> None:
    started = [await world.services.arrivals.sign_in(world.snapshot, VISIT) for _ in range(50)]
    await world.settle_and_work()
    ended = await world.services.sessions.end_all(world.ada.id, Cause("password"))
    assert set(ended) == {each.session.id for each in started}
    await world.settle_and_work()
    assert await world.reasons() == ["password"] * 50
    assert await world.entries(WATCH) == []


async def test_session_that_had_to_go_for_the_limit_is_written(world: World, store: Redis) -> None:
    first = await world.watched_sign_in()
    await records.age(store, world.ada.id, first.session.id, MINUTE, "seen")
    for _ in range(50):
        await world.services.arrivals.sign_in(world.snapshot, on(SAFARI, browser=OTHER))
    await world.settle_and_work()
    (event,) = await world.events("ended")
    assert event.origin.session_id == first.session.id
    assert event.details == {"reason": "limit", "by": "Safari on iPhone"}


async def test_new_sign_in_in_the_same_browser_writes_the_end_of_the_one_before(world: World) -> None:
    first = await world.watched_sign_in()
    second = await world.watched_sign_in(replace(VISIT, replacing=first.token))
    (event,) = await world.events("ended")
    assert (event.origin.session_id, event.details["reason"]) == (first.session.id, "replaced")
    assert second.session.id != first.session.id


async def test_secret_that_was_shown_in_two_places_is_written_and_its_owner_is_told(world: World, store: Redis) -> None:
    started = await world.watched_sign_in()
    sessions = world.services.sessions
    new = await sessions.offer(started.token, address=ADDRESS)
    if new is None:
        await records.age(store, world.ada.id, started.session.id, HOUR // 2, "renewed")
        new = await sessions.offer(started.token, address=ADDRESS)
    assert new is not None
    assert await sessions.resume(new, address=ADDRESS) is not None
    await records.age(store, world.ada.id, started.session.id, 2 * MINUTE, "until")
    assert await sessions.resume(started.token, address="198.51.100.1") is None
    await world.settle_and_work()
    assert await world.reasons() == ["two-places"]
    assert "used-in-two-places" in await world.letters()


async def test_session_that_nobody_used_any_more_ended_when_its_pause_was_too_long(world: World, store: Redis) -> None:
    started = await world.watched_sign_in()
    await vanishes(world, store, started, ago=5 * MINUTE)
    assert await world.work() == 1
    (event,) = await world.events("ended")
    assert event.details == {"reason": "idle", "after": str(HOUR)}
    assert abs(event.at - datetime.now(UTC) + timedelta(minutes=5)) < timedelta(minutes=1)


async def test_what_nobody_needs_to_be_told_is_not_kept_in_redis(world: World, store: Redis) -> None:
    for cause, kept in ((Cause("signed-out"), 0), (BY_ADA, 1)):
        started = await world.watched_sign_in()
        await world.end(started, cause)
        await world.work()
        assert bool(await records.record(store, world.ada.id, started.session.id)) == kept


async def test_session_of_the_version_before_is_not_looked_after_and_does_no_harm(world: World) -> None:
    before = await world.services.sessions.start(
        world.snapshot, remember=False, method="password", device=FIREFOX, address=ADDRESS
    )
    await world.end(before)
    assert await world.work() == 0
    assert await world.events() == []


async def test_erasure_leaves_nothing_of_the_history_nor_of_ended_sessions(world: World, store: Redis) -> None:
    first, second = await world.watched_sign_in(), await world.watched_sign_in(on(SAFARI, browser=OTHER))
    await world.end(first)
    await world.settle_and_work()
    await world.end(second)
    entries = await world.services.erasures.erase_now(world.ada.id)
    assert entries is not None
    await world.services.deeds.settle(entries)
    await world.settle_and_work()
    assert await world.events() == []
    assert await world.services.browsers.of(world.ada.id) == []
    assert [key async for key in store.scan_iter() if world.ada.id in key and not key.startswith("done:")] == []
