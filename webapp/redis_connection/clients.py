"""The clients: redis-py's own, each call bounded in time. redis-py nests its retries, so its settings bound no sum."""

from typing import Any, TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.typing import EncodableT

from .cluster import BoundedCluster
from .pipelining import Batch, Batches, converse, pack
from .replication import WAIT, Complaint, is_replicated
from .sentinel import SentinelPool
from .silence import Silence
from .stray import retry_stray

RedisClient: TypeAlias = Redis | RedisCluster


class BoundedRedis(Redis):
    """A client that answers or fails in time."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._silence = Silence()
        self._batches = Batches(self._carry)

    async def execute_command(self, *args: EncodableT, **options: object) -> object:
        """Send one command, scripts together with all that are asked for at the same time.

        Raises TimeoutError after ``silence.ANSWER_WITHIN`` seconds or less.
        """
        if not options and (packed := pack(args)):
            return await self._batches.ask(packed)
        async with self._silence.bounded():
            send = super().execute_command
            return await retry_stray(lambda: send(*args, **options))  # type: ignore[no-untyped-call] # It has no types.

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 -- redis-py's own argument.
        """Give up what is under way, and close the connections."""
        await self._batches.aclose()
        await super().aclose(close_connection_pool)

    async def _carry(self, batch: Batch) -> None:
        # To a Redis that says nothing, a batch is one caller.
        async with self._silence.bounded():
            await retry_stray(lambda: self._converse(batch))

    async def _converse(self, batch: Batch) -> None:
        pool = self.connection_pool
        connection = await pool.get_connection()  # type: ignore[no-untyped-call] # It has no types.
        try:
            await converse(connection, batch)
        finally:
            await pool.release(connection)


class ReplicatedRedis(BoundedRedis):
    """The same for a primary whose replica may take its place at any moment."""

    connection_pool: SentinelPool

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._complaint = Complaint()

    async def execute_lasting(self, *command: EncodableT) -> object:
        """Send one write and return when a replica has it: a failover would otherwise undo what we say was done.

        Where no replica has it in time, the primary's word is enough as long as the sentinels stand by it. Raises
        ConnectionError when they name another one, or none: then the write is lost, or soon will be.
        """
        async with self._silence.bounded():
            primary = self.connection_pool.master_address
            answer, replicas = await retry_stray(lambda: self._send_and_wait(command))
            if not is_replicated(answer, replicas):
                await self.connection_pool.confirm_primary(primary)
                self._complaint.make()
        return answer

    async def _send_and_wait(self, command: tuple[EncodableT, ...]) -> tuple[object, object]:
        # A pipeline is one round trip on one connection, and WAIT counts what its own connection has written.
        pipeline = self.pipeline(transaction=False)
        pipeline.execute_command(*command)
        pipeline.execute_command(*WAIT)
        answer, replicas = await pipeline.execute(raise_on_error=False)
        return answer, replicas


async def send_lasting(redis: RedisClient, *command: EncodableT) -> object:
    """Send one EVAL or EVALSHA that writes; return when it will outlive a failover, where there can be one."""
    if isinstance(redis, (ReplicatedRedis, BoundedCluster)):
        return await redis.execute_lasting(*command)
    return await redis.execute_command(*command)
