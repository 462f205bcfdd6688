"""A cluster's nodes each tell of their own accounts: heard on one line a node, wherever the accounts go."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from own_redis import SLOW
from redis_clients import opened
from redis_connection.listening import (
    Listener,
    channel_of,
    holder,
    listeners,
    listening,
    move,
    one_for_each,
    tell,
)
from redis_connection.own import Own
from redis_deployments import ClusterRedis

from webapp.dev import redis_server
from webapp.redis_connection import RedisClient, subscription_cluster, subscription_line

CONNECTIONS = 3

# Its fixture alone may wait for a cluster for longer than a test has.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture(params=["any", "embedded"])
def deployment(own: Own, request: pytest.FixtureRequest) -> ClusterRedis:
    """Give a cluster, and one of Redis 6.2, which knows of no shards."""
    return own.cluster(binary=None if request.param == "any" else redis_server.EMBEDDED_BINARY)


@pytest.fixture
async def redis(deployment: ClusterRedis) -> AsyncIterator[RedisClient]:
    async with opened(deployment.url, REDIS_CONNECTIONS=str(CONNECTIONS)) as redis:
        yield redis


@pytest.fixture
async def listener(redis: RedisClient) -> AsyncIterator[Listener]:
    async with listening(redis) as listener:
        yield listener


async def heard_of(deployment: ClusterRedis, listener: Listener, account: str, *, times: int = 1) -> None:
    """Return when an account is heard of, and what is told of it then is heard."""
    await listener.in_force(account, times=times)
    message = f"{account} ended {times}"
    tell(deployment, account, message)
    await listener.told(message)


async def test_accounts_of_all_nodes_are_heard_and_nobody_else_s(deployment: ClusterRedis, listener: Listener):
    followed = one_for_each(deployment)
    for account in followed:
        listener.subscription.follow(account)

    for account in followed:
        await heard_of(deployment, listener, account)
    tell(deployment, "another", "another ended 1")
    tell(deployment, followed[0], "last")
    await listener.told("last")
    assert "another ended 1" not in listener.messages
    assert sorted(map(str, listener.anew)) == sorted(followed)


async def test_any_number_of_accounts_is_one_connection_a_node_within_those_that_are_allowed(
    deployment: ClusterRedis, redis: RedisClient, listener: Listener
):
    for account in map(str, range(1000)):
        listener.subscription.follow(account)
    await listener.until(lambda: len(listener.anew) == 1000, "all are heard of")

    script = "return redis.call('SET', KEYS[1], '1')"
    for _ in range(10):
        calls = (redis.execute_command("EVAL", script, 1, f"{{{account}}}") for account in range(100))
        await asyncio.gather(*calls)
    for node in deployment.nodes:
        assert listeners(node) == 1
        # One more may look at the map, and one asks here.
        assert node.cli("INFO", "clients")["connected_clients"] <= CONNECTIONS + 2


async def test_account_whose_slot_moves_is_heard_from_where_it_went(deployment: ClusterRedis, listener: Listener):
    moved, stays, _ = one_for_each(deployment)
    for account in (moved, stays):
        listener.subscription.follow(account)
    await listener.in_force(moved)
    await listener.in_force(stays)

    move(deployment, moved)

    if _knows_shards(deployment):
        await listener.in_force(moved, times=2)
    tell(deployment, moved, "news")
    await listener.told("news")
    assert listener.anew.count(stays) == 1


def _knows_shards(deployment: ClusterRedis) -> bool:
    version = str(deployment.nodes[0].cli("INFO", "server")["redis_version"])
    return not version.startswith("6.")


async def test_account_is_heard_of_for_a_while_after_the_last_one_has_left(
    deployment: ClusterRedis, listener: Listener
):
    listener.subscription.follow("account")
    await listener.in_force("account")

    listener.subscription.leave("account")
    listener.subscription.follow("account")
    listener.subscription.leave("account")

    tell(deployment, "account", "news")
    await listener.told("news")
    assert listener.anew == ["account"]
    assert subscription_cluster.LINGER >= 10


async def test_account_that_all_have_left_is_heard_of_no_more(
    deployment: ClusterRedis, listener: Listener, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(subscription_cluster, "LINGER", 0.0)
    # Two whose keys are on one node.
    left = "left"
    stays = next(name for name in map(str, range(50)) if holder(deployment, name) is holder(deployment, left))
    for account in (left, stays, stays):
        listener.subscription.follow(account)
    await listener.in_force(left)
    await listener.in_force(stays)

    listener.subscription.leave(left)
    listener.subscription.leave(stays)
    await listener.until(lambda: _ears(deployment, left) == 0, "nobody listens to it")
    assert _ears(deployment, stays) == 1

    listener.subscription.leave(stays)
    await listener.until(lambda: not sum(map(listeners, deployment.nodes)), "the line is closed")
    listener.subscription.follow(left)
    await heard_of(deployment, listener, left, times=2)


def _ears(deployment: ClusterRedis, account: str) -> int:
    ask = "SHARDNUMSUB" if _knows_shards(deployment) else "NUMSUB"
    return int(holder(deployment, account).cli("PUBSUB", ask, channel_of(account))[1])


async def test_nodes_that_come_back_are_heard_again(deployment: ClusterRedis, listener: Listener):
    account, *_ = one_for_each(deployment)
    listener.subscription.follow(account)
    await listener.in_force(account)

    deployment.stop()
    deployment.start()

    await heard_of(deployment, listener, account, times=2)


@pytest.mark.parametrize("deployment", ["any"], indirect=True)
async def test_forbidden_channels_are_heard_once_they_are_allowed(
    deployment: ClusterRedis,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(subscription_line, "FORBIDDEN_PAUSE", 0.1)
    for node in deployment.nodes:
        node.cli("ACL", "SETUSER", "default", "resetchannels")
    followed = one_for_each(deployment)
    for account in followed:
        listener.subscription.follow(account)
    await listener.until(lambda: bool(caplog.records), "the operator is told")
    assert "&events:*" in caplog.text

    for node in deployment.nodes:
        node.cli("ACL", "SETUSER", "default", "allchannels")
    for account in followed:
        await heard_of(deployment, listener, account)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
