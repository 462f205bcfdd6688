"""Hears at once what Redis tells, on a connection of its own that is made again whenever it is lost.

Redis keeps no message for those who are not there. So whoever listens is told of each moment in which the subscription
comes into force, and has to see for himself what he has missed before.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Protocol, cast

from redis.asyncio import ConnectionPool, Redis

from .clients import RedisClient
from .cluster import BoundedCluster
from .sentinel import LOOK_EVERY, SentinelPool
from .subscription_cluster import ClusterSubscription
from .subscription_line import Line, connection_of, end
from .subscription_outage import Outage
from .subscription_talk import Ears


class Subscription(Protocol):
    """What is heard of accounts."""

    def start(self) -> None:
        """Begin in the background. A Redis that is away comes later."""

    async def stop(self) -> None:
        """End it, within a second whatever Redis does. Nothing is heard afterwards."""

    def follow(self, account_id: str) -> None:
        """Hear of an account; once more for everybody who wants to."""

    def leave(self, account_id: str) -> None:
        """Take back one ``follow``; after the last one nothing is heard of that account, soon."""


def open_subscription(
    redis: RedisClient,
    channel: str,
    channel_of: Callable[[str], str],
    hear: Callable[[str], None],
    anew: Callable[[str | None], None],
) -> Subscription:
    """Make a subscription to the Redis of a client; begin it with ``start()``, and stop it before the client is closed.

    ``channel``     on which one server, or that behind sentinels, tells of every account
    ``channel_of``  gives the sharded channel on which a cluster tells of one account
    ``hear``        is told each message; neither it nor the next one may wait or raise
    ``anew``        is told the account of which messages may have been missed before this moment; None means all of
                    them. It is called whenever a subscription comes into force, the first time included
    """
    if isinstance(redis, Redis):
        return ServerSubscription(redis.connection_pool, channel, hear, anew)
    # open_redis makes no other cluster's client.
    return ClusterSubscription(cast("BoundedCluster", redis), channel_of, hear, anew)


class ServerSubscription:
    """One line to one server, that which is primary where there are sentinels; it tells of every account."""

    def __init__(
        self, pool: ConnectionPool, channel: str, hear: Callable[[str], None], anew: Callable[[str | None], None]
    ) -> None:
        ears = Ears(hear=hear, in_force=lambda _: anew(None), misplaced=_nothing, lost=_nothing)
        self._pool = pool
        self._line = Line("Redis", lambda: connection_of(pool.connection_class, pool.connection_kwargs), ears, Outage())
        self._line.want(channel)
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._line.start()
        if isinstance(self._pool, SentinelPool):
            self._watch = asyncio.create_task(self._follow_the_primary(self._pool), context=Context())

    async def stop(self) -> None:
        """End it."""
        # The watch first: it might begin another line.
        if self._watch is not None:
            await end(self._watch)
        await self._line.stop()

    def follow(self, account_id: str) -> None:
        """Do nothing: every account is heard of."""

    def leave(self, account_id: str) -> None:
        """Do nothing, either."""

    async def _follow_the_primary(self, pool: SentinelPool) -> None:
        """Leave a server that is not the primary any more, also where nobody else looks or it says nothing."""
        while True:
            before = pool.master_address
            await asyncio.sleep(LOOK_EVERY)
            await pool.look_now_and_then()
            if self._has_to_move(pool, is_news=pool.master_address != before):
                self._line.start()

    def _has_to_move(self, pool: SentinelPool, *, is_news: bool) -> bool:
        connection = self._line.connection
        if connection is None:
            return is_news
        # One that is not connected yet asks the sentinels itself, and is stale until they have answered: were it made
        # anew each time, it would never be.
        return (is_news or connection.is_connected) and pool.is_stale(connection)


def _nothing() -> None:
    """Do nothing: one server has all channels, and is asked again by its line."""
