"""A subscription as a server has it, with what it was told, and what Redis knows of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from own_redis import READY_SECONDS, StandaloneRedis
from redis.exceptions import MovedError, ResponseError
from redis_deployments import ClusterRedis

from webapp.redis_connection import RedisClient, Subscription, open_subscription
from webapp.redis_connection.subscription_outage import log

CHANNEL = "session-events"


def channel_of(account: str) -> str:
    """Name the channel of one account on a cluster."""
    return f"events:{{{account}}}"


@dataclass
class Listener:
    """A subscription, the messages it has brought, and whose news it was said to bring from then on."""

    subscription: Subscription
    messages: list[str] = field(default_factory=list)
    anew: list[str | None] = field(default_factory=list)

    async def told(self, message: str, *, times: int = 1) -> None:
        """Return when a message was heard so often."""
        await self.until(lambda: self.messages.count(message) >= times, f"{message!r} is heard")

    async def in_force(self, account: str | None = None, *, times: int = 1) -> None:
        """Return when the subscription was said so often to be in force."""
        await self.until(lambda: self.anew.count(account) >= times, f"{account!r} is heard of")

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Return when ``condition`` holds. Raises AssertionError when ``what`` it stands for takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"It took more than {READY_SECONDS} s until {what}."
            await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(redis: RedisClient) -> AsyncIterator[Listener]:
    """Subscribe with a client, for a while."""
    messages: list[str] = []
    anew: list[str | None] = []
    subscription = open_subscription(redis, CHANNEL, channel_of, messages.append, anew.append)
    subscription.start()
    try:
        yield Listener(subscription, messages, anew)
    finally:
        await subscription.stop()


def tell(deployment: ClusterRedis, account: str, message: str) -> None:
    """Publish as the scripts do: where the account's keys are, and to all nodes where those know of no shards."""
    for node in deployment.primaries():
        try:
            node.cli("SPUBLISH", channel_of(account), message)
        except MovedError:
            continue
        except ResponseError:
            node.cli("PUBLISH", channel_of(account), message)
        return


def listeners(server: StandaloneRedis) -> int:
    """Count the connections on which a server tells something."""
    return len(server.cli("CLIENT LIST", "TYPE", "pubsub"))


def holder(deployment: ClusterRedis, account: str) -> StandaloneRedis:
    """Give the node whose the account is."""
    slot = deployment.nodes[0].cli("CLUSTER", "KEYSLOT", channel_of(account))
    ranges = deployment.primaries()[0].cli("CLUSTER", "SLOTS")
    port = next(primary[1] for first, last, primary, *_ in ranges if first <= slot <= last)
    return next(node for node in deployment.nodes if node.port == port)


def one_for_each(deployment: ClusterRedis) -> list[str]:
    """Give accounts, one on each primary."""
    found = {holder(deployment, account).port: account for account in map(str, range(50))}
    assert len(found) == len(deployment.primaries())
    return list(found.values())


def move(deployment: ClusterRedis, account: str) -> None:
    """Give the empty slot of an account to another node, as an operator does who moves slots."""
    source, slot = holder(deployment, account), deployment.nodes[0].cli("CLUSTER", "KEYSLOT", channel_of(account))
    nodes = deployment.primaries()
    target = next(node for node in nodes if node is not source)
    target.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", source.cli("CLUSTER", "MYID"))
    source.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", target.cli("CLUSTER", "MYID"))
    for node in (target, source, *nodes):
        node.cli("CLUSTER", "SETSLOT", slot, "NODE", target.cli("CLUSTER", "MYID"))


LOGGER = log.name
