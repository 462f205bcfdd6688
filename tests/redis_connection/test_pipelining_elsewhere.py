"""The same behind sentinels and on a cluster: whoever travels together may have to part on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from own_redis import SLOW
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError
from redis_clients import fake_redis, opened
from redis_connection.crowds import PEOPLE, crowd
from redis_connection.own import Own
from redis_deployments import ClusterRedis
from session_world import ADDRESS, World

from webapp.errors import StoreUnavailable
from webapp.redis_connection.clients import ReplicatedRedis
from webapp.redis_connection.cluster import BoundedCluster
from webapp.redis_connection.pipelining import Batch, converse
from webapp.redis_connection.scripts import Script
from webapp.sessions.model import Started
from webapp.sessions.token import Token, new_public_id

pytestmark = pytest.mark.timeout(SLOW)

# Keys of all nodes, a script that tells which key it was given, and one that tells which server it runs on.
KEYS = ("a", "b", "c", "d", "e", "f")
WHO = "return redis.call('GET', KEYS[1]) or 'the old one'"
TELL = "return KEYS[1] .. ' ' .. ARGV[1]"


@pytest.fixture
def deployment(own: Own) -> ClusterRedis:
    return own.cluster()


@pytest.fixture
async def redis(deployment: ClusterRedis) -> AsyncIterator[BoundedCluster]:
    async with opened(deployment.url) as redis:
        assert isinstance(redis, BoundedCluster)
        yield redis


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give how many commands each batch had that went to a node."""
    sizes: list[int] = []

    async def count(connection: AbstractConnection, batch: Batch) -> None:
        sizes.append(len(batch))
        await converse(connection, batch)

    monkeypatch.setattr("webapp.redis_connection.cluster.converse", count)
    return sizes


async def tell(redis: BoundedCluster, *keys: str) -> list[object]:
    """Ask for all keys at once."""
    return await asyncio.gather(*(redis.execute_command("EVAL", TELL, 1, key, n) for n, key in enumerate(keys)))


def told(*keys: str) -> list[str]:
    return [f"{key} {number}" for number, key in enumerate(keys)]


async def test_each_node_is_sent_one_batch(redis: BoundedCluster, carried: list[int]):
    # Nobody knows the map before.
    await redis.ping()
    keys = KEYS * 5

    assert await tell(redis, *keys) == told(*keys)

    nodes = [redis.primary_of(key) for key in keys]
    assert sorted(carried) == sorted(nodes.count(node) for node in set(nodes))


async def test_first_callers_of_all_find_their_nodes(redis: BoundedCluster):
    assert await tell(redis, *KEYS) == told(*KEYS)


async def test_error_of_one_is_not_that_of_the_others_of_its_node(redis: BoundedCluster):
    await redis.ping()
    wrong = redis.execute_command("EVAL", "return redis.error_reply('no')", 1, "a")

    first, second, error = await asyncio.gather(tell(redis, "a"), tell(redis, "a"), wrong, return_exceptions=True)

    assert (first, second) == (told("a"), told("a"))
    assert isinstance(error, ResponseError)


async def test_slot_that_has_moved_is_followed_by_those_who_want_it(
    deployment: ClusterRedis, redis: BoundedCluster, carried: list[int]
):
    await redis.ping()
    slot, there = (
        redis.keyslot("a"),
        next(
            node
            for node in deployment.nodes
            if node.port != redis.primary_of("a").port  # type: ignore[union-attr] # It is known.
        ),
    )
    for node in (there, *deployment.nodes):
        node.cli("CLUSTER", "SETSLOT", slot, "NODE", there.cli("CLUSTER", "MYID"))
    keys = KEYS * 5

    assert await tell(redis, *keys) == told(*keys)
    carried.clear()

    # And next time they travel with those of that node at once.
    assert await tell(redis, *keys) == told(*keys)
    assert sum(carried) == len(keys)


async def test_crowd_that_visits_during_a_failover_is_not_mixed_up(own: Own):
    sentinels = own.behind_sentinels()
    async with opened(sentinels.url) as redis:
        world = World(redis)
        people = await crowd(world)
        failing_over = asyncio.ensure_future(asyncio.to_thread(sentinels.fail_over))

        while not failing_over.done():
            await everybody_is_himself(world, people)
        await failing_over

        seen = 0
        async with asyncio.timeout(SLOW / 3):
            while seen < PEOPLE:
                seen = await everybody_is_himself(world, people)


@pytest.mark.usefixtures("patient_clients")
async def test_batch_that_was_under_way_to_the_old_primary_is_answered_by_the_new_one(own: Own):
    sentinels = own.behind_sentinels()
    async with opened(sentinels.url) as redis:
        assert isinstance(redis, ReplicatedRedis)
        await redis.ping()
        old = sentinels.primary()
        old.freeze()
        asked = [asyncio.ensure_future(redis.execute_command("EVAL", WHO, 1, "who")) for _ in range(5)]
        await asyncio.to_thread(sentinels.wait_for_another, old)

        sentinels.primary().cli("SET", "who", "the new one")
        # As whoever asks next does, who takes the connections to the old one away.
        await redis.connection_pool.get_master_address()
        old.thaw()

        assert set(await asyncio.gather(*asked)) == {"the new one"}


async def everybody_is_himself(world: World, people: list[Started]) -> int:
    """Let everybody visit at once, and tell how many were answered: each with his own session."""
    return sum(await asyncio.gather(*(is_himself(world, one) for one in people)))


async def is_himself(world: World, one: Started) -> bool:
    with suppress(StoreUnavailable):
        resumed = await world.service.resume(one.token, address=ADDRESS)
        assert resumed is not None
        assert (resumed.session.id, resumed.account.id) == (one.session.id, one.session.account_id)
        return True
    return False


async def test_answer_to_somebody_else_is_not_believed():
    """However it may come about: a library that loses count of its answers has done so before."""
    another = f"$22\r\n{new_public_id()}\r\n" + ":1\r\n" * 5 + "$-1\r\n" * 7
    account = "*4\r\n" + "$1\r\n1\r\n" * 4
    answer = f"*7\r\n:1\r\n:0\r\n*13\r\n{another}{account}$7\r\ncurrent\r\n:0\r\n:0\r\n"
    async with fake_redis(answer.encode()) as url, opened(url) as redis:
        assert (await Script(redis, "")([]))[4] == "current"

        with pytest.raises(StoreUnavailable):
            await World(redis).service.resume(str(Token.new(new_public_id())), address=ADDRESS)
