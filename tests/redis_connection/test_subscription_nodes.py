"""Nodes of a cluster that die or freeze: their accounts are heard from whoever takes their place."""

from collections.abc import AsyncIterator, Iterable

import pytest
from own_redis import SLOW, StandaloneRedis, wait_until
from redis_clients import opened
from redis_connection.listening import Listener, channel_of, holder, listeners, listening, one_for_each, tell
from redis_connection.own import Own
from redis_deployments import ClusterRedis

# Its fixture alone may wait for a cluster for longer than a test has.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def deployment(own: Own) -> ClusterRedis:
    return own.cluster(replicas=1)


@pytest.fixture
async def listener(deployment: ClusterRedis) -> AsyncIterator[Listener]:
    async with opened(deployment.url) as redis, listening(redis) as listener:
        for account in one_for_each(deployment):
            listener.subscription.follow(account)
        for account in one_for_each(deployment):
            await listener.in_force(account)
        yield listener


def wait_for_another(old: StandaloneRedis, others: Iterable[StandaloneRedis], account: str) -> StandaloneRedis:
    """Return the node that has taken the place of the one which has had the account."""
    others = list(others)
    slot = others[0].cli("CLUSTER", "KEYSLOT", channel_of(account))

    def port() -> int:
        slots = others[0].cli("CLUSTER", "SLOTS")
        return int(next(primary[1] for first, last, primary, *_ in slots if first <= slot <= last))

    wait_until(lambda: port() != old.port, "another node has its slots")
    new = next(node for node in others if node.port == port())
    wait_until(lambda: new.cli("CLUSTER INFO")["cluster_state"] == "ok", "it serves them")
    return new


@pytest.mark.parametrize("end", ["kill", "freeze"])
async def test_node_that_is_lost_is_left_for_the_one_that_takes_its_place(
    deployment: ClusterRedis, listener: Listener, end: str
):
    account, *others = one_for_each(deployment)
    lost = holder(deployment, account)
    getattr(lost, end)()
    new = wait_for_another(lost, (node for node in deployment.nodes if node is not lost), account)

    await listener.in_force(account, times=2)
    new.cli("SPUBLISH" if _knows_shards(new) else "PUBLISH", channel_of(account), "news")
    await listener.told("news")
    assert [listener.anew.count(other) for other in others] == [1, 1]
    if end == "freeze":
        deployment.thaw()
        wait_until(lambda: not listeners(lost), "nobody listens to it any more")


def _knows_shards(node: StandaloneRedis) -> bool:
    return not str(node.cli("INFO", "server")["redis_version"]).startswith("6.")


async def test_node_that_hands_over_in_good_order_is_left_when_the_map_says_so(
    deployment: ClusterRedis, listener: Listener
):
    account, *_ = one_for_each(deployment)
    old = holder(deployment, account)
    replica = next(node for node in deployment.nodes if _follows(node, old))
    replica.cli("CLUSTER", "FAILOVER")
    wait_until(lambda: holder(deployment, account) is replica, "the replica has its place")

    if _knows_shards(replica):
        await listener.until(lambda: _ears(replica, account) == 1, "it is listened to")
    # What is told in between may be missed, and then that is said.
    await listener.in_force(account, times=2 if _knows_shards(replica) else 1)
    tell(deployment, account, "news")
    await listener.told("news")


def _ears(node: StandaloneRedis, account: str) -> int:
    return int(node.cli("PUBSUB", "SHARDNUMSUB", channel_of(account))[1])


def _follows(node: StandaloneRedis, primary: StandaloneRedis) -> bool:
    return bool(node.cli("INFO", "replication").get("master_port") == primary.port)
