"""When a session is looked at again, and what can be said of one that was not looked at in time."""

from datetime import UTC, datetime, timedelta

import pytest
import session_records as records
from redis.asyncio import Redis
from watch.world import World

from webapp.outbox import NotYet
from webapp.watch.sessions import SLACK, SOON_ENOUGH

HOUR = 3600


async def unused_since(world: World, store: Redis, session_id: str, *, ended_ago: int) -> None:
    """Let a session be gone that would have been over so long ago had nobody come, and have it looked at."""
    now = int((await store.time())[0])
    (entry,) = await world.claim_ahead()
    body = {**entry.body, "ends": str(now - ended_ago), "expires": str(now - ended_ago + 23 * HOUR)}
    await world.put_back(entry, body)
    await records.lose(store, world.ada.id, session_id)
    assert await world.work() == 1


@pytest.mark.parametrize("ahead", [-25, 0, 25])
async def test_clock_of_the_server_that_is_wrong_has_no_session_looked_at_again_and_again(
    world: World, redis_url: str, ahead: int
) -> None:
    started = await world.watched_sign_in()
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        # Nobody comes, and by Redis's clock it is over in 20 s.
        now, _ = await store.time()
        await records.write(store, world.ada.id, started.session.id, seen=str(int(now) - HOUR + 20))
    wrong = timedelta(seconds=ahead)
    world.services.outbox.clock = lambda: datetime.now(UTC) + wrong
    (entry,) = await world.entries()
    with pytest.raises(NotYet) as found:
        await world.services.watch.look(entry)
    left = found.value.due - world.services.outbox.clock()
    assert timedelta(seconds=15) < left <= timedelta(seconds=20) + SLACK


async def test_session_that_is_over_and_still_there_is_left_alone_for_some_seconds(
    world: World, redis_url: str
) -> None:
    started = await world.watched_sign_in()
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        now, _ = await store.time()
        await records.write(store, world.ada.id, started.session.id, seen=str(int(now) - HOUR + 1))
    moment = datetime.now(UTC)
    world.services.outbox.clock = lambda: moment
    (entry,) = await world.entries()
    with pytest.raises(NotYet) as found:
        await world.services.watch.look(entry)
    assert found.value.due - moment >= SLACK


@pytest.mark.parametrize(
    ("ended_ago", "reason"),
    [(60, "idle"), (SOON_ENOUGH - 60, "idle"), (SOON_ENOUGH + 60, "unknown"), (-HOUR, "unknown")],
)
async def test_pause_is_the_reason_only_where_somebody_has_looked_in_time(
    world: World, redis_url: str, ended_ago: int, reason: str
) -> None:
    started = await world.watched_sign_in()
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        await unused_since(world, store, started.session.id, ended_ago=ended_ago)
    assert await world.reasons() == [reason]


async def test_end_of_which_nobody_knows_is_told_with_the_moment_at_which_it_was_found(
    world: World, redis_url: str
) -> None:
    started = await world.watched_sign_in()
    async with Redis.from_url(redis_url, decode_responses=True) as store:
        await unused_since(world, store, started.session.id, ended_ago=5 * HOUR)
    (event,) = await world.events("ended")
    assert abs(event.at - datetime.now(UTC)) < timedelta(minutes=1)
