"""A primary that dies, freezes, is demoted or comes back: what was said to be done stays done, and people stay in."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from own_redis import SLOW, wait_until
from redis_clients import opened
from redis_connection.own import Own
from redis_deployments import SentinelRedis
from session_fields import is_left
from session_world import CAUSE, World, key_of

from webapp.errors import StoreUnavailable
from webapp.sessions.model import AccountSnapshot

# The promise is 2 s after another primary is elected; a busy machine gets as much again, and more.
BACK_WITHIN = 2.0
SLACK = 4.0

# Its fixture alone may wait for the sentinels for longer than a test has.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def deployment(own: Own) -> SentinelRedis:
    return own.behind_sentinels()


@pytest.fixture
async def world(deployment: SentinelRedis) -> AsyncIterator[World]:
    async with opened(deployment.url) as redis:
        yield World(redis)


@pytest.fixture
def ada(world: World) -> AccountSnapshot:
    return world.person()


async def answer(world: World, token: str) -> bool:
    """Visit until there is an answer; tell whether the session lives."""
    while True:
        try:
            return await world.resumes(token)
        except StoreUnavailable:
            await asyncio.sleep(0.05)


async def back(world: World, token: str) -> float:
    """Visit until there is an answer; give the seconds that took. The session has to be there at once."""
    begun = time.monotonic()
    assert await answer(world, token)
    return time.monotonic() - begun


async def test_nobody_is_signed_out_or_revived_by_the_death_of_the_primary(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot
):
    stays, *ended = [await world.sign_in(ada) for _ in range(20)]
    for started in ended:
        assert await world.service.end(ada.id, started.session.id, cause=CAUSE)

    deployment.fail_over()

    assert await back(world, stays.token) < BACK_WITHIN + SLACK
    assert not any([await world.resumes(started.token) for started in ended])
    assert await world.listed(ada) == [stays.session.id]
    # No replica is left; the sentinels stand by the new primary, and life goes on.
    assert await world.resumes((await world.sign_in(ada)).token)


async def test_frozen_primary_that_is_replaced_and_thawed_is_believed_no_more(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot
):
    here, there = await world.sign_in(ada), await world.sign_in(ada)
    # Idle connections to it are left while nobody visits.
    await asyncio.gather(*(world.resumes(here.token) for _ in range(20)))
    old = deployment.primary()
    old.freeze()
    deployment.wait_for_another(old)
    async with opened(deployment.url) as another_process:
        assert await World(another_process).service.end(ada.id, there.session.id, cause=CAUSE)

    old.thaw()

    assert old.cli("EXISTS", key_of(there.token)) == 1
    assert not await world.resumes(there.token)
    assert await back(world, here.token) < BACK_WITHIN + SLACK


async def test_demoted_primary_is_left_at_once(deployment: SentinelRedis, world: World, ada: AccountSnapshot):
    here = await world.sign_in(ada)
    await asyncio.gather(*(world.resumes(here.token) for _ in range(20)))
    old = deployment.primary()

    deployment.sentinels[0].cli("SENTINEL", "FAILOVER", "main")
    deployment.wait_for_another(old)

    assert await back(world, here.token) < BACK_WITHIN + SLACK
    assert await world.service.rename(ada.id, here.session.id, "Laptop")


async def test_what_a_failover_loses_is_not_said_to_be_done(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot
):
    """The replica has left the old primary, and for a second all sentinels still name that one."""
    await world.service.load_scripts()
    started = await world.sign_in(ada)
    old, (replica,) = deployment.primary(), deployment.replicas()
    deployment.sentinels[0].cli("SENTINEL", "FAILOVER", "main")
    wait_until(lambda: replica.cli("INFO", "replication")["role"] == "master", "the replica has left its primary")

    said = False
    with suppress(StoreUnavailable):
        said = await world.service.end(ada.id, started.session.id, cause=CAUSE)

    deployment.wait_for_another(old)
    lives = await answer(world, started.token)
    assert not (said and lives)


@pytest.mark.usefixtures("patient_clients")
async def test_write_waits_for_the_replica_and_a_visit_does_not(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot, caplog: pytest.LogCaptureFixture
):
    await world.service.load_scripts()
    started = await world.sign_in(ada)
    primary, (replica,) = deployment.primary(), deployment.replicas()
    replica.freeze()

    ending = asyncio.ensure_future(world.service.end(ada.id, started.session.id, cause=CAUSE))
    key = key_of(started.token)
    await asyncio.to_thread(wait_until, lambda: is_left(primary.cli("HGETALL", key)), "the session has ended")
    assert not await world.resumes(started.token)
    assert not ending.done()
    replica.thaw()

    assert await ending
    assert is_left(replica.cli("HGETALL", key))
    assert not caplog.records


async def test_replica_that_is_gone_is_complained_of_once_and_stops_nobody(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot, caplog: pytest.LogCaptureFixture
):
    (replica,) = deployment.replicas()
    replica.kill()

    for _ in range(3):
        assert await world.resumes((await world.sign_in(ada)).token)

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "within 300 ms" in caplog.text
    assert "min-replicas-to-write" in caplog.text


async def test_server_that_wants_a_replica_refuses_writes_without_one(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot
):
    started = await world.sign_in(ada)
    deployment.primary().cli("CONFIG SET", "min-replicas-to-write", 1)
    (replica,) = deployment.replicas()
    replica.kill()

    with pytest.raises(StoreUnavailable):
        await world.sign_in(ada)
    assert await world.resumes(started.token)


async def test_primary_for_which_most_sentinels_do_not_vouch_is_not_believed(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot
):
    """It may be cut off from the others together with us, and replaced by now."""
    started, another = await world.sign_in(ada), await world.sign_in(ada)
    for server in (*deployment.replicas(), deployment.sentinels[0]):
        server.kill()
    assert await world.service.end(ada.id, another.session.id, cause=CAUSE)
    deployment.sentinels[1].kill()

    with pytest.raises(StoreUnavailable):
        await world.service.end(ada.id, started.session.id, cause=CAUSE)


async def test_script_that_the_new_primary_does_not_know_is_sent_to_it(
    deployment: SentinelRedis, world: World, ada: AccountSnapshot
):
    for server in deployment.servers:
        server.cli("SCRIPT FLUSH")

    started = await world.sign_in(ada)

    assert await world.resumes(started.token)
