"""A cluster's client: redis-py's own, kept from what it does to its callers when the cluster changes."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import PipelineCommand
from redis.exceptions import AskError, ClusterDownError, MovedError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.typing import EncodableT

from .replication import WAIT, Complaint, is_replicated
from .silence import NO_ANSWER, Silence
from .stray import sturdily

SCRIPTS = frozenset({"EVAL", "EVALSHA"})
# Where the first key of one of those stands.
KEY = 3
# The cluster's map is not ours any more, or its server is gone. redis-py knows what to do.
MISDIRECTED = (MovedError, AskError, TryAgainError, ClusterDownError, RedisConnectionError, RedisTimeoutError)

# Seconds between two looks at a cluster's map. Redirections correct it where slots have moved, but nobody tells of a
# replica that has joined.
REFRESH_EVERY = 60
# Seconds until the next look after a redirection, which tells of a slot's new primary and of none of its replicas.
REDIRECTED_REFRESH = 1


class BoundedCluster(RedisCluster):
    """A client that answers or fails in time.

    redis-py's pools of a cluster fail when they are empty; here callers wait for their turn.
    """

    def __init__(self, *, max_connections: int, **options: Any) -> None:
        # By itself redis-py closes every connection, those in use too, with every fifth redirection; each of them also
        # corrects its map, and that is enough.
        super().__init__(max_connections=max_connections, reinitialize_steps=0, **options)
        # By the node; under None what is for all of them, or comes before the map is known.
        self._silences: dict[str | None, Silence] = {}
        self._turns = asyncio.Semaphore(max_connections)
        self._complaint = Complaint()
        self._refresh_at = time.monotonic() + REFRESH_EVERY
        # Those that the address names, and those that were there last.
        self._named = self._met = dict(self.nodes_manager.startup_nodes)

    async def execute_command(self, *args: EncodableT, **options: object) -> object:
        """Send one command. Raises TimeoutError after ``silence.ANSWER_WITHIN`` seconds or less, its turn included."""
        async with self._silence_of(args).bounded(), self._turns:
            # Without a map redis-py sends a script to any node, and its first callers into a storm of redirections.
            await sturdily(self._know_the_map)
            send = super().execute_command
            return await sturdily(lambda: send(*args, **options))

    async def execute_lasting(self, *command: EncodableT) -> object:
        """Send one script that writes, and return when a replica has it, where the script's server has one.

        A primary that its cluster has replaced refuses writes by itself, so nobody has to vouch for it.
        """
        async with self._silence_of(command).bounded(), self._turns:
            await sturdily(self._know_the_map)
            slot = self.keyslot(command[KEY])
            if len(self.nodes_manager.slots_cache[slot]) > 1:
                answer, replicas = await sturdily(lambda: self._send_and_wait(slot, command))
                if not isinstance(answer, MISDIRECTED):
                    if not is_replicated(answer, replicas):
                        self._complaint.make()
                    return answer
            send = super().execute_command
            return await sturdily(lambda: send(*command))

    def _silence_of(self, command: tuple[EncodableT, ...]) -> Silence:
        # A node that says nothing is no reason to ask the others less. Before the callers' turns, or those who wait
        # for it would hold them all.
        nodes = self.nodes_manager.slots_cache.get(self.keyslot(command[KEY])) if command[0] in SCRIPTS else None
        return self._silences.setdefault(nodes[0].name if nodes else None, Silence())

    async def _send_and_wait(self, slot: int, command: tuple[EncodableT, ...]) -> tuple[object, object]:
        script, wait = PipelineCommand(0, *command), PipelineCommand(1, *WAIT)
        try:
            await self.nodes_manager.get_node_from_slot(slot).execute_pipeline([script, wait])
        except MISDIRECTED as error:
            return error, None
        return script.result, wait.result

    async def _know_the_map(self) -> None:
        try:
            # Not a client that has to be awaited again, whatever its type says.
            await self.initialize()  # type: ignore[unused-awaitable]
        except BaseException:
            self._ask_others_next()
            raise
        if self.reinitialize_counter:
            self.reinitialize_counter = 0
            self._refresh_at = min(self._refresh_at, time.monotonic() + REDIRECTED_REFRESH)
        if time.monotonic() >= self._refresh_at:
            self._refresh_at = time.monotonic() + REFRESH_EVERY
            # The old map is good enough to try.
            with suppress(*NO_ANSWER):
                await self.nodes_manager.initialize()

    def _ask_others_next(self) -> None:
        # redis-py forgets the address for the nodes it has met. A cluster that comes back with other nodes is found by
        # its address, and one whose named nodes are gone by those it was met with: so both are asked in turn.
        asked = self.nodes_manager.startup_nodes
        if asked.keys() == self._named.keys():
            self.nodes_manager.startup_nodes = dict(self._met)
        else:
            self._met, self.nodes_manager.startup_nodes = asked, dict(self._named)
