"""Each node of a cluster is waited for by itself: a silent one takes neither turns nor time from the others' people."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from own_redis import SLOW
from redis_clients import opened
from redis_connection.crowds import crowd, outcomes
from redis_connection.own import Own
from redis_deployments import ClusterRedis
from session_world import World, key_of

from webapp.errors import StoreUnavailable
from webapp.redis_connection import opening, silence
from webapp.redis_connection.cluster import BoundedCluster
from webapp.sessions.model import Started

CONNECTIONS = 5
# So many at one node that most of them find no connection left.
TIMES = 10
# Seconds for which a call to a frozen node waits: more than a busy machine needs for any other.
NOTICEABLE = 6.0

pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def deployment(own: Own) -> ClusterRedis:
    """Give a cluster that takes no node for lost, so that all depends on us."""
    deployment = own.cluster()
    for node in deployment.nodes:
        node.cli("CONFIG SET", "cluster-node-timeout", 60_000)
    return deployment


@pytest.fixture
def noticeable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients that are opened afterwards wait for a frozen node for so long that it cannot be overlooked."""
    monkeypatch.setattr(opening, "TIMEOUT", NOTICEABLE)
    monkeypatch.setattr(silence, "ANSWER_WITHIN", NOTICEABLE + 1)


@pytest.fixture
async def world(deployment: ClusterRedis) -> AsyncIterator[World]:
    async with opened(deployment.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        yield World(redis)


def by_the_first_node(deployment: ClusterRedis, people: list[Started]) -> tuple[list[Started], list[Started]]:
    """Divide people into those whose sessions the first node has, and the others."""
    kept = deployment.nodes[0].cli("KEYS", "*")
    theirs = [one for one in people if key_of(one.token) in kept]
    return theirs, [one for one in people if one not in theirs]


async def longest_round(world: World, people: list[Started], *, during: asyncio.Future[set[object]]) -> float:
    """Let people visit again and again ``during`` something; give the seconds of the visit that took longest."""
    longest = 0.0
    while not during.done():
        begun = time.monotonic()
        assert await outcomes(world, people) == {True}
        longest = max(longest, time.monotonic() - begun)
    return longest


@pytest.mark.usefixtures("noticeable")
async def test_first_wave_to_a_frozen_node_lets_nobody_else_wait(deployment: ClusterRedis, world: World):
    theirs, others = by_the_first_node(deployment, await crowd(world))
    deployment.nodes[0].freeze()

    waiting = asyncio.ensure_future(outcomes(world, theirs * TIMES))
    await asyncio.sleep(0)
    longest = await longest_round(world, others, during=waiting)

    # Nobody waited for a call to the frozen node, be it for the map alone.
    assert longest < NOTICEABLE
    assert await waiting == {StoreUnavailable}
    # Nor was another node taken for silent.
    assert await outcomes(world, others) == {True}


async def test_people_of_the_other_nodes_are_served_while_one_is_known_to_be_silent(
    deployment: ClusterRedis, world: World, monkeypatch: pytest.MonkeyPatch
):
    # Time enough for ten rounds on any machine.
    monkeypatch.setattr(silence, "ASK_WITHIN", silence.ANSWER_WITHIN)
    theirs, others = by_the_first_node(deployment, await crowd(world))
    deployment.nodes[0].freeze()
    assert await outcomes(world, theirs) == {StoreUnavailable}

    waiting = asyncio.ensure_future(outcomes(world, theirs * TIMES))
    for _ in range(10):
        assert await outcomes(world, others) == {True}
        assert not waiting.done()

    assert await waiting == {StoreUnavailable}


@pytest.mark.usefixtures("noticeable")
async def test_map_is_not_waited_for_from_the_node_that_failed_last(deployment: ClusterRedis, world: World):
    theirs, others = by_the_first_node(deployment, await crowd(world))
    deployment.nodes[0].freeze()
    assert await outcomes(world, theirs) == {StoreUnavailable}
    assert isinstance(world.redis, BoundedCluster)

    # Nodes are asked in any order, so once would prove nothing.
    for _ in range(10):
        # As every failure leaves it.
        world.redis._initialize = True
        begun = time.monotonic()
        assert await outcomes(world, others) == {True}
        assert time.monotonic() - begun < NOTICEABLE


async def test_waiting_for_a_turn_is_no_failure_of_the_node(
    deployment: ClusterRedis, world: World, monkeypatch: pytest.MonkeyPatch
):
    """Whoever found all turns taken has asked nobody, so he knows of no silence."""
    theirs, _ = by_the_first_node(deployment, await crowd(world))
    name = f"127.0.0.1:{deployment.nodes[0].port}"
    redis = world.redis
    assert isinstance(redis, BoundedCluster)
    for _ in range(CONNECTIONS - opening.SUBSCRIPTION):
        await redis._turns[name].acquire()
    monkeypatch.setattr(silence, "ANSWER_WITHIN", silence.SILENT_AFTER + 0.1)

    assert await outcomes(world, theirs) == {StoreUnavailable}

    assert not redis._silences[name]._silent


async def test_hundreds_of_connections_are_given_where_they_are_allowed(deployment: ClusterRedis):
    """redis-py's own bound is 100, and fails whoever comes after."""
    async with opened(deployment.url, REDIS_CONNECTIONS="1000") as redis:
        world = World(redis)
        theirs, _ = by_the_first_node(deployment, await crowd(world))
        assert await outcomes(world, theirs * (200 // len(theirs))) == {True}


async def test_each_node_is_given_no_more_connections_than_are_allowed(deployment: ClusterRedis, world: World):
    people = await crowd(world)

    assert await outcomes(world, people * TIMES) == {True}

    for node in deployment.nodes:
        # One more may look at the map, and one asks here.
        assert node.cli("INFO", "clients")["connected_clients"] <= CONNECTIONS + 2
