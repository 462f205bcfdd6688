"""A cluster's client: redis-py's own, kept from what it does to its callers when the cluster changes."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode, PipelineCommand
from redis.exceptions import AskError, ClusterDownError, MovedError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.typing import EncodableT

from webapp.deadline import left

from . import silence
from .pipelining import SCRIPTS, Batch, Batches, converse, pack
from .replication import WAIT, Complaint, is_replicated
from .silence import NO_ANSWER, Silence
from .stray import retry_stray

# Where the first key of a script stands.
KEY = 3
# The cluster's map is not ours any more, or its server is gone.
MISDIRECTED = (MovedError, AskError, TryAgainError, ClusterDownError, RedisConnectionError, RedisTimeoutError)
# How often a write is sent where each answer sends it elsewhere, and the seconds between two of them.
LASTING_TRIES, LASTING_PAUSE = 3, 0.05

# What redis-py's own pools hold: they fail whoever comes when they are empty, so it is our turns that bound them.
UNBOUNDED = 2**31

# Seconds between two looks at a cluster's map. Redirections correct it where slots have moved, but nobody tells of a
# replica that has joined.
REFRESH_EVERY = 60
# Seconds until the next look after a redirection, which tells of a slot's new primary and of none of its replicas.
REDIRECTED_REFRESH = 1


class BoundedCluster(RedisCluster):
    """A client that answers or fails in time.

    Callers wait for one of the ``max_connections`` turns that each node has. Only while slots move, a node can have a
    few connections more: whoever is redirected to it keeps the turn that he has.
    """

    def __init__(self, *, max_connections: int, **options: Any) -> None:
        # By itself redis-py closes every connection, those in use too, with every fifth redirection; each of them also
        # corrects its map, and that is enough.
        super().__init__(max_connections=UNBOUNDED, reinitialize_steps=0, **options)
        # Both by the node; under None what is for all of them, or comes before the map is known.
        self._silences: defaultdict[str | None, Silence] = defaultdict(Silence)
        self._turns: defaultdict[str | None, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(max_connections)
        )
        self._batches: dict[str, Batches] = {}
        self._complaint = Complaint()
        self._refresh_at = time.monotonic() + REFRESH_EVERY
        # Whether a redirection has corrected the map since the last look.
        self._redirected = False
        # Those that the address names, and those that were there last.
        self._named = self._met = dict(self.nodes_manager.startup_nodes)

    async def execute_command(self, *args: EncodableT, **options: object) -> object:
        """Send one command, scripts together with all that are asked of the same node at the same time.

        Raises TimeoutError after ``silence.ANSWER_WITHIN`` seconds or less, its turn included.
        """
        if options or not (node := self._node_of(args)) or not (packed := pack(args)):
            return await self._send_alone(args, options)
        ends = time.monotonic() + left(silence.ANSWER_WITHIN)
        try:
            return await self._batches_of(node).ask(packed)
        except MISDIRECTED:
            # redis-py follows the redirection, or learns who is there instead.
            async with asyncio.timeout(ends - time.monotonic()):
                return await self._send_alone(args, options)

    async def execute_lasting(self, *command: EncodableT) -> object:
        """Send one script that writes, and return when a replica has it, where the script's server has one.

        A primary that its cluster has replaced refuses writes by itself, so nobody has to vouch for it.
        """
        async with self._turn(lambda: self._node_of(command)):
            slot, tries = self.keyslot(command[KEY]), 1
            while await self._has_replicas(slot):
                node = self.nodes_manager.get_node_from_slot(slot)
                answer, replicas = await self._send_and_wait(node, command)
                if not isinstance(answer, MISDIRECTED):
                    if not is_replicated(answer, replicas):
                        self._complaint.make()
                    return answer
                if tries == LASTING_TRIES:
                    raise answer
                tries += 1
                await self._prepare_for_another_try(node, answer)
            send = super().execute_command
            return await retry_stray(lambda: send(*command))

    def primary_of(self, key: str) -> ClusterNode | None:
        """Give the node that has what ``key`` names, as far as the map tells; None where it is not known yet."""
        nodes = self.nodes_manager.slots_cache.get(self.keyslot(key))
        return nodes[0] if nodes else None

    async def look_at_the_map(self) -> None:
        """Ask the nodes whose the slots are. Raises within ``silence.ANSWER_WITHIN`` seconds where none answers."""
        async with asyncio.timeout(silence.ANSWER_WITHIN):
            await retry_stray(self._know_the_map)
            await retry_stray(self._renew_the_map)

    def ask_last(self, name: str) -> None:
        """Ask other nodes for the map first: this one has just failed."""
        self.nodes_manager.move_node_to_end_of_cached_nodes(name)

    async def _send_alone(self, command: tuple[EncodableT, ...], options: dict[str, object]) -> object:
        async with self._turn(lambda: self._node_of(command)):
            send = super().execute_command
            return await retry_stray(lambda: send(*command, **options))

    def _batches_of(self, node: str) -> Batches:
        if node not in self._batches:
            self._batches[node] = Batches(partial(self._carry, node))
        return self._batches[node]

    async def _carry(self, name: str, batch: Batch) -> None:
        async with self._turn(lambda: name):
            node = self.get_node(node_name=name)
            if node is None:
                raise RedisConnectionError("The cluster has lost this node.")
            try:
                await retry_stray(lambda: _converse(node, batch))
            except (RedisConnectionError, RedisTimeoutError):
                # What redis-py does then: its other connections are hardly better, and others are asked for the map.
                node.update_active_connections_for_reconnect()
                await node.disconnect_free_connections()
                self.ask_last(name)
                self._initialize = True
                raise

    @asynccontextmanager
    async def _turn(self, node_of: Callable[[], str | None]) -> AsyncIterator[None]:
        """Go around a call: bounded in time, with the map at hand, and with a turn of the node that it is for.

        A node that says nothing is no reason to ask the others less, or to let their callers wait. Which node that is
        may be another one once the map is there.
        """
        node = node_of()
        # Who waits for a silent node holds no turn.
        async with self._silences[node].bounded() as call:
            if node:
                # The map and the turn are waited for in vain without the node's fault.
                call.asked = None
            # Without a map redis-py sends a script to any node, and its first callers into a storm of redirections.
            await retry_stray(self._know_the_map)
            async with self._turns[node_of()]:
                call.asked = call.asked or time.monotonic()
                yield

    def _node_of(self, command: tuple[EncodableT, ...]) -> str | None:
        nodes = self.nodes_manager.slots_cache.get(self.keyslot(command[KEY])) if command[0] in SCRIPTS else None
        return nodes[0].name if nodes else None

    async def _has_replicas(self, slot: int) -> bool:
        if len(self.nodes_manager.slots_cache[slot]) == 1 and (self._redirected or self.reinitialize_counter):
            # That may be all that the redirection has told.
            await self._renew_the_map()
        return len(self.nodes_manager.slots_cache[slot]) > 1

    async def _send_and_wait(self, node: ClusterNode, command: tuple[EncodableT, ...]) -> tuple[object, object]:
        answer, replicas = await self._send_to(node, command, WAIT)
        if isinstance(answer, AskError) and (there := self.get_node(answer.host, answer.port)):
            _, answer, replicas = await self._send_to(there, ("ASKING",), command, WAIT)
        return answer, replicas

    async def _prepare_for_another_try(self, node: ClusterNode, answer: Exception) -> None:
        await asyncio.sleep(LASTING_PAUSE)
        if isinstance(answer, (AskError, TryAgainError)):
            # The slot is moving, and the map knows nothing of that.
            return
        if not isinstance(answer, MovedError):
            self.nodes_manager.move_node_to_end_of_cached_nodes(node.name)
        try:
            await self._renew_the_map()
        except NO_ANSWER:
            # Everything else that redis-py does about it is done for the next caller.
            self._initialize = True
            raise

    async def _send_to(self, node: ClusterNode, *commands: tuple[EncodableT, ...]) -> list[object]:
        """Send commands on one connection, and give what each was answered with."""
        sent = [PipelineCommand(place, *command) for place, command in enumerate(commands)]
        try:
            await retry_stray(lambda: node.execute_pipeline(sent))
        except MISDIRECTED as error:
            return [error] * len(commands)
        return [command.result for command in sent]

    async def _know_the_map(self) -> None:
        try:
            # Not a client that has to be awaited again, whatever its type says.
            await self.initialize(last_failed_node_name=self._last_failed())  # type: ignore[unused-awaitable]
        except BaseException:
            self._ask_others_next()
            raise
        if self.reinitialize_counter:
            self.reinitialize_counter = 0
            self._redirected = True
            self._refresh_at = min(self._refresh_at, time.monotonic() + REDIRECTED_REFRESH)
        if time.monotonic() >= self._refresh_at:
            # The old map is good enough to try.
            with suppress(*NO_ANSWER):
                await self._renew_the_map()

    async def _renew_the_map(self) -> None:
        self._refresh_at = time.monotonic() + REFRESH_EVERY
        self._redirected, self.reinitialize_counter = False, 0
        try:
            await self.nodes_manager.initialize(last_failed_node_name=self._last_failed())
        except BaseException:
            self._redirected = True
            raise

    def _last_failed(self) -> str:
        # Asked last for the map, lest everybody waits for a node that says nothing. redis-py puts it there.
        return list(self.nodes_manager.startup_nodes)[-1]

    def _ask_others_next(self) -> None:
        # redis-py forgets the address for the nodes it has met. A cluster that comes back with other nodes is found by
        # its address, and one whose named nodes are gone by those it was met with: so both are asked in turn.
        asked = self.nodes_manager.startup_nodes
        if asked.keys() == self._named.keys():
            self.nodes_manager.startup_nodes = dict(self._met)
        else:
            self._met, self.nodes_manager.startup_nodes = asked, dict(self._named)


async def _converse(node: ClusterNode, batch: Batch) -> None:
    connection = node.acquire_connection()
    try:
        await node.disconnect_if_needed(connection)
        await converse(connection, batch)
    finally:
        node.release(connection)
