"""Hears what a cluster tells: each node of its own accounts, and of each account on a channel in the account's slot.

One line a node, whatever the number of accounts. Slots move, and nodes come and go: every account is heard from the
node that the client's map names, and where a line finds it wrong, the map is looked at again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from functools import partial

from redis.asyncio.cluster import ClusterNode
from redis.exceptions import RedisError

from .cluster import BoundedCluster
from .silence import NO_ANSWER
from .stray import STRAY
from .subscription_line import Line, connection_of, end
from .subscription_outage import Outage
from .subscription_talk import Ears

# Seconds that an account is still heard of when the last one has left: going from page to page is leaving and coming.
LINGER = 30.0
# Seconds after which accounts are placed anew by what the client has learned of the cluster meanwhile.
PLACE_EVERY = 1.0
# Seconds between two looks at the map at the least: while a node is gone, all its accounts miss it.
LOOK_PAUSE = 0.5


class ClusterSubscription:
    """Lines to those nodes that have accounts which somebody follows."""

    def __init__(
        self,
        redis: BoundedCluster,
        channel_of: Callable[[str], str],
        hear: Callable[[str], None],
        anew: Callable[[str | None], None],
    ) -> None:
        self._redis, self._channel_of, self._hear, self._anew = redis, channel_of, hear, anew
        self._outage = Outage()
        self._lines: dict[str, Line] = {}
        # How many follow each account, those who have left a moment ago not counted.
        self._followers: Counter[str] = Counter()
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        # By the channel: whose it is, and the name of the node that is asked for it.
        self._accounts: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._look = asyncio.Event()
        self._tending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background; lines are made where there is something to hear."""
        self._tending = asyncio.create_task(self._tend(), context=Context())
        self._place_all()

    async def stop(self) -> None:
        """End it."""
        for timer in self._leaving.values():
            timer.cancel()
        # It first: it might begin other lines.
        if self._tending is not None:
            tending, self._tending = self._tending, None
            await end(tending)
        await asyncio.gather(*(line.stop() for line in self._lines.values()))

    def follow(self, account_id: str) -> None:
        """Hear of an account."""
        self._followers[account_id] += 1
        if timer := self._leaving.pop(account_id, None):
            timer.cancel()
        channel = self._channel_of(account_id)
        if channel not in self._accounts:
            self._accounts[channel] = account_id
            if self._tending is not None:
                self._place(channel)

    def leave(self, account_id: str) -> None:
        """Hear of an account no more, LINGER seconds after the last one has left."""
        self._followers[account_id] -= 1
        if not self._followers[account_id]:
            self._leaving[account_id] = asyncio.get_running_loop().call_later(LINGER, self._forget, account_id)

    def _forget(self, account_id: str) -> None:
        del self._leaving[account_id], self._followers[account_id]
        channel = self._channel_of(account_id)
        del self._accounts[channel]
        if place := self._places.pop(channel, None):
            self._lines[place].drop(channel)

    async def _tend(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PLACE_EVERY):
                    await self._look.wait()
            if self._look.is_set():
                self._look.clear()
                # Nobody who answers is what it mostly is about; whoever misses something asks for another look.
                with suppress(RedisError, *NO_ANSWER, *STRAY):
                    await self._redis.look_at_the_map()
            self._place_all()
            await self._close_idle_lines()
            await asyncio.sleep(LOOK_PAUSE)

    def _place_all(self) -> None:
        for channel in self._accounts:
            self._place(channel)

    def _place(self, channel: str) -> None:
        """Ask the node for a channel that has its slot; where that is another one than before, leave the other."""
        node = self._redis.primary_of(channel)
        if node is None:
            self._look.set()
            return
        before = self._places.get(channel)
        if before != node.name:
            if before is not None:
                self._lines[before].drop(channel)
            self._places[channel] = node.name
            self._line_to(node).want(channel)

    def _line_to(self, node: ClusterNode) -> Line:
        if node.name not in self._lines:
            lost = partial(self._note_lost, node.name)
            ears = Ears(hear=self._hear, in_force=self._tell_anew, misplaced=self._look.set, lost=lost)
            connect = partial(connection_of, node.connection_class, node.connection_kwargs)
            self._lines[node.name] = line = Line(node.name, connect, ears, self._outage, sharded=True)
            line.start()
        return self._lines[node.name]

    def _tell_anew(self, channel: str) -> None:
        # Where it was moved meanwhile, the other node tells.
        if account_id := self._accounts.get(channel):
            self._anew(account_id)

    def _note_lost(self, name: str) -> None:
        self._redis.ask_last(name)
        self._look.set()

    async def _close_idle_lines(self) -> None:
        for name, line in list(self._lines.items()):
            if not line.wishes:
                del self._lines[name]
                self._outage.end(name)
                await line.stop()
