"""Hears what Redis tells of sessions, as whoever subscribes to it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from own_redis import StandaloneRedis
from redis.asyncio.client import PubSub
from redis.exceptions import ResponseError
from redis_deployments import ClusterRedis
from redis_forms import Deployment

from webapp.sessions.news import CHANNEL, News, channel_of

# Seconds until what was told has been heard, on however busy a machine.
HEARD_WITHIN = 45
# The first Redis in which each node of a cluster tells of its own keys alone.
SHARDED_SINCE = 7


class Listener:
    """Somebody who listens on one server, to what is told by ``teller``."""

    def __init__(self, pubsub: PubSub, teller: StandaloneRedis, publish: str, channel: str) -> None:
        self._pubsub, self._teller = pubsub, teller
        self._over = publish, channel, f"over {uuid4()}"

    async def next(self) -> str:
        """Wait for a message."""
        async with asyncio.timeout(HEARD_WITHIN):
            while True:
                heard = await self._pubsub.get_message(timeout=HEARD_WITHIN)
                if heard is not None and heard["type"] in {"message", "smessage"}:
                    return str(heard["data"])

    async def messages(self) -> list[str]:
        """Give what was told since it was asked last: all of it, since messages come in their order."""
        self._teller.cli(*self._over)
        messages = []
        while (message := await self.next()) != self._over[-1]:
            messages.append(message)
        return messages

    async def news(self, account_id: str) -> list[News | None]:
        """Give the same of one account, read."""
        return [News.read(message) for message in await self.messages() if message.startswith(account_id)]


@asynccontextmanager
async def listening(redis: Deployment, account_id: str, on: StandaloneRedis | None = None) -> AsyncIterator[Listener]:
    """Listen to what is told of an account where that is told, or on another server of a cluster."""
    teller = _teller(redis, account_id)
    is_cluster = isinstance(redis, ClusterRedis)
    is_sharded = is_cluster and _version(teller) >= SHARDED_SINCE
    channel = channel_of(account_id) if is_cluster else CHANNEL
    async with (on or teller).connect() as client, client.pubsub() as pubsub:
        await (pubsub.ssubscribe if is_sharded else pubsub.subscribe)(channel)
        confirmed = await pubsub.get_message(timeout=HEARD_WITHIN)
        assert confirmed
        assert confirmed["type"].endswith("subscribe")
        yield Listener(pubsub, teller, "SPUBLISH" if is_sharded else "PUBLISH", channel)


def _teller(redis: Deployment, account_id: str) -> StandaloneRedis:
    """Give the server that has the keys of an account."""
    for server in redis.primaries():
        with suppress(ResponseError):
            server.cli("EXISTS", f"sessions:{{{account_id}}}")
            return server
    raise AssertionError("No server has it.")


def _version(server: StandaloneRedis) -> int:
    return int(str(server.cli("INFO", "server")["redis_version"]).partition(".")[0])
