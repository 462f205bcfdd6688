"""Follows the primary: sentinels say which server that is, and what they say changes with every failover."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Connection, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import MasterNotFoundError, SentinelConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from .pool import QuickPool
from .stray import retry_stray

# Seconds between two looks at who is primary. redis-py asks only when it connects; a primary that was frozen, replaced
# and thawed would answer on connections of before until the sentinels tell it, ten seconds later, and in its data
# people are signed in who have signed out.
LOOK_EVERY = 1.0
# Seconds for a look, in which the next sentinel is asked when one is silent.
LOOK_WITHIN = 1.0
# What a sentinel that leads a failover says of the primary.
REPLACING = "failover_in_progress"


@dataclass(frozen=True, slots=True)
class View:
    """What one sentinel thinks: which primary it ``names``, since which failover, and how that one does.

    ``epoch`` counts the failovers; who has a higher one knows of a later. ``stands_by_it``: it has not found it to be
    away; ``replaces_it``: it has another one take its place right now.
    """

    names: tuple[str, int] | None = None
    epoch: int = -1
    stands_by_it: bool = False
    replaces_it: bool = False


class SentinelPool(SentinelConnectionPool, QuickPool):
    """Connections to whichever server is primary now; the caller waits when all are in use."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call] # redis-py has no types there.
        self._looking = asyncio.Lock()
        self._look_at = 0.0
        # Of the last failover that we know of.
        self._epoch = 0

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Make ``connection`` one to the server that is primary, as of a second ago."""
        await self.look_now_and_then()
        if self.is_stale(connection):
            await connection.disconnect()
        await super().ensure_connection(connection)
        # A frozen server that is thawed finishes a greeting that began while it still was the primary.
        if self.is_stale(connection):
            await connection.disconnect()
            raise RedisConnectionError("Another server has become primary meanwhile.")

    async def get_master_address(self) -> tuple[str, int]:
        """Ask the sentinels; when they name another server than before, nobody waits for the old one any more."""
        before = self.master_address
        address = await self._ask_for_primary()
        if address != self.master_address:
            self.master_address = address
            if before is not None:
                await self.disconnect(inuse_connections=True)
        return address

    async def look_now_and_then(self) -> None:
        """Ask the sentinels who is primary, where that was not done within LOOK_EVERY seconds; none has to answer."""
        if time.monotonic() < self._look_at:
            return
        async with self._looking:
            # Whoever waited here while another looked has nothing left to do.
            if time.monotonic() >= self._look_at:
                # Sentinels that are away take nothing from a primary that answers.
                with suppress(RedisError, OSError):
                    async with asyncio.timeout(LOOK_WITHIN):
                        await self.get_master_address()
                self._look_at = time.monotonic() + LOOK_EVERY

    def is_stale(self, connection: AbstractConnection) -> bool:
        """Tell whether ``connection`` leads to another server than the one that is primary, as far as we know."""
        return isinstance(connection, Connection) and (connection.host, connection.port) != self.master_address

    async def confirm_primary(self, before: tuple[str, int] | None) -> None:
        """Return when the sentinels stand by what ``master_address`` was; raises ConnectionError when they do not.

        Most of them must, lest we believe one that is cut off together with the old primary.
        """
        async with asyncio.timeout(LOOK_WITHIN):
            views = await asyncio.gather(*map(self._view_of, self.sentinel_manager.sentinels))
        if not _is_confirmed(before or self.master_address, views):
            raise RedisConnectionError("Another server is, or is becoming, primary.")

    async def aclose(self) -> None:
        """Close the connections to the servers and to the sentinels."""
        await super().aclose()
        await self.sentinel_manager.aclose()

    async def _ask_for_primary(self) -> tuple[str, int]:
        """Ask one sentinel after the other, until one stands by a primary and knows of no fewer failovers than we do.

        redis-py believes the first. For a moment after a failover that may be one that has not heard of it, and stands
        by a frozen primary that is just thawed: people would be signed in there who have signed out. Where all know of
        fewer, they were set up anew.
        """
        views, sentinels = [], self.sentinel_manager.sentinels
        for sentinel in tuple(sentinels):
            views.append(view := await self._view_of(sentinel))
            if view.stands_by_it and view.epoch >= self._epoch:
                # The next look begins with it: those that are silent cost time.
                sentinels.remove(sentinel)
                sentinels.insert(0, sentinel)
                break
        latest = max(views, key=lambda view: (view.epoch, view.stands_by_it))
        if latest.names is None or not latest.stands_by_it:
            raise MasterNotFoundError(f"No sentinel stands by a primary of {self.service_name!r}.")
        self._epoch = latest.epoch
        return latest.names

    async def _view_of(self, sentinel: Redis) -> View:
        ask = sentinel.execute_command
        try:
            state: dict[str, Any] = await retry_stray(lambda: ask("SENTINEL MASTER", self.service_name))  # type: ignore[no-untyped-call] # It has no types.
        except (RedisError, OSError):
            return View()
        return View(
            names=(state["ip"], state["port"]),
            epoch=state["config-epoch"],
            stands_by_it=not state["is_sdown"],
            replaces_it=REPLACING in state["flags"],
        )


def _is_confirmed(primary: tuple[str, int] | None, views: list[View]) -> bool:
    """Tell whether most views stand by ``primary``, and nobody knows better.

    The sentinel that replaces it goes on naming it for a second after the replica has left it. Once that is done it
    names the new one, with a higher epoch; the others, who are more, hear of it up to two seconds later.
    """
    standing = [view for view in views if view.names == primary and view.stands_by_it]
    if 2 * len(standing) <= len(views) or any(view.replaces_it for view in views):
        return False
    # One that was away names a primary of long ago, with a lower epoch, and is right about nothing.
    return max(view.epoch for view in views) == max(view.epoch for view in standing)
