"""A cluster that loses nodes, moves slots and comes back as another: nobody is lost, and nothing is said in vain."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from own_redis import SLOW, StandaloneRedis, wait_until
from redis import Redis
from redis_clients import forwarding, opened
from redis_connection.crowds import crowd, outcomes
from redis_connection.own import Own
from redis_deployments import PRIMARIES, SLOTS, ClusterRedis
from session_fields import is_left
from session_world import CAUSE, World, key_of

from webapp.errors import StoreUnavailable
from webapp.redis_connection.scripts import Script
from webapp.sessions.model import Started

# The promise is 2 s after the node is back; a busy machine gets as much again, and more.
BACK_WITHIN = 2.0
SLACK = 4.0

# Its fixture alone may wait for a cluster for longer than a test has.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def deployment(own: Own) -> ClusterRedis:
    return own.cluster()


@pytest.fixture
async def world(deployment: ClusterRedis) -> AsyncIterator[World]:
    async with opened(deployment.url) as redis:
        yield World(redis)


async def everybody_back(world: World, people: list[Started]) -> float:
    """Visit until everybody has an answer; give the seconds that took. Each session has to be there at once."""
    begun = time.monotonic()
    for started in people:
        while True:
            try:
                assert await world.resumes(started.token)
            except StoreUnavailable:
                await asyncio.sleep(0.05)
            else:
                break
    return time.monotonic() - begun


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_node_that_is_lost_and_back_costs_nobody_the_session(deployment: ClusterRedis, world: World, how: str):
    people = await crowd(world)
    node = deployment.nodes[0]
    (node.kill if how == "killed" else node.freeze)()

    for _ in range(3):
        assert await outcomes(world, people) <= {True, StoreUnavailable}

    (node.start if how == "killed" else node.thaw)()
    wait_until(deployment.is_whole, "the cluster is whole")
    assert await everybody_back(world, people) < BACK_WITHIN + SLACK


async def test_cluster_that_was_away_as_a_whole_is_found_again(deployment: ClusterRedis, world: World):
    people = await crowd(world)
    deployment.stop()
    assert await outcomes(world, people) == {StoreUnavailable}

    deployment.start()

    assert await everybody_back(world, people) < BACK_WITHIN + SLACK


async def test_cluster_that_comes_back_with_other_nodes_is_found_by_its_address(own: Own):
    before = own.cluster()
    async with forwarding(before.nodes[0].port) as door, opened(f"redis+cluster://127.0.0.1:{door.port}") as redis:
        world = World(redis)
        await crowd(world)
        before.stop()
        door.leads_to = own.cluster().nodes[0].port

        begun = time.monotonic()
        while time.monotonic() - begun < BACK_WITHIN + SLACK:
            with suppress(StoreUnavailable):
                await world.sign_in(world.person())
                break
        assert await outcomes(world, await crowd(world)) == {True}


async def test_slots_that_moved_are_found_by_many_at_once_and_nothing_is_done_twice(
    deployment: ClusterRedis, world: World
):
    await crowd(world)
    await _move_slots_of_the_first(deployment)
    count = Script(world.redis, "return redis.call('INCR', KEYS[1])")

    counts = await asyncio.gather(*(count([f"call:{number}"]) for number in range(300)))

    assert counts == [1] * 300
    assert await outcomes(world, await crowd(world)) == {True}


async def _move_slots_of_the_first(deployment: ClusterRedis) -> None:
    deployment.flush()
    there = deployment.nodes[1].cli("CLUSTER", "MYID")
    for node in deployment.nodes:
        async with node.connect() as admin, admin.pipeline(transaction=False) as pipeline:
            for slot in range(SLOTS // PRIMARIES):
                pipeline.execute_command("CLUSTER", "SETSLOT", slot, "NODE", there)
            await pipeline.execute()


async def test_people_are_served_though_the_node_that_was_asked_first_is_gone(own: Own):
    deployment = own.cluster(replicas=1)
    first = deployment.nodes[0]
    async with opened(f"redis+cluster://127.0.0.1:{first.port}") as redis:
        world = World(redis)
        people = await crowd(world)
        ended = people.pop()
        assert await world.service.end(ended.session.account_id, ended.session.id, cause=CAUSE)

        first.kill()
        others = [node for node in deployment.nodes if node is not first]
        wait_until(lambda: len([node for node in others if _is_primary(node)]) == 3, "the replica has taken over")
        wait_until(lambda: all(map(_is_well, others)), "the others agree")

        assert await everybody_back(world, people) < BACK_WITHIN + SLACK
        assert not await world.resumes(ended.token)


@pytest.mark.usefixtures("patient_clients")
async def test_write_waits_for_the_replica_of_its_node(own: Own, caplog: pytest.LogCaptureFixture):
    deployment = own.cluster(replicas=1)
    replicas = [node for node in deployment.nodes if not _is_primary(node)]
    async with opened(deployment.url) as redis:
        world = World(redis)
        await world.service.load_scripts()
        started = await world.sign_in(world.person())

        def has_it(node: StandaloneRedis) -> bool:
            key = key_of(started.token)
            return key in node.cli("KEYS", "*") and not is_left(cli_of_any(node, "HGETALL", key))

        for replica in replicas:
            replica.freeze()

        ending = asyncio.ensure_future(world.service.end(started.session.account_id, started.session.id, cause=CAUSE))
        primaries = [node for node in deployment.nodes if node not in replicas]
        await asyncio.to_thread(wait_until, lambda: not any(map(has_it, primaries)), "the session has ended")
        assert not await world.resumes(started.token)
        assert not ending.done()
        for replica in replicas:
            replica.thaw()

        assert await ending
    assert not caplog.records
    assert not any(map(has_it, deployment.nodes))


def cli_of_any(node: StandaloneRedis, *words: str) -> Any:  # noqa: ANN401 -- each command answers in its own form.
    """Ask a node, even where it is a replica, which sends whoever does not say that he only reads to its primary."""
    with Redis(unix_socket_path=str(node.socket), decode_responses=True) as reader:
        reader.execute_command("READONLY")
        return reader.execute_command(*words)


def _is_primary(node: StandaloneRedis) -> bool:
    return str(node.cli("INFO", "replication")["role"]) == "master"


def _is_well(node: StandaloneRedis) -> bool:
    return str(node.cli("CLUSTER INFO")["cluster_state"]) == "ok"
