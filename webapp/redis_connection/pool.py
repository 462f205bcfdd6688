"""Connections that are at hand are taken at once."""

from typing import Any

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection


class QuickPool(BlockingConnectionPool):
    """redis-py's bounded pool, without its lock and timer where nobody has to wait (10 us a call).

    Whoever comes while others wait stands behind them, as before.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting = 0
        # While a server moves, which a hosted Redis announces, redis-py rewrites the pool under a lock.
        self._moving = False

    def set_in_maintenance(self, in_maintenance: bool) -> None:  # noqa: FBT001 -- redis-py's own argument.
        """Note whether the pool is being rewritten."""
        super().set_in_maintenance(in_maintenance)
        self._moving = in_maintenance

    async def get_connection(self, *args: Any, **options: Any) -> AbstractConnection:
        """Give a connection that is ready; raises ConnectionError when none is free within the pool's time."""
        if self._waiting or self._moving or not self.can_get_connection():
            self._waiting += 1
            try:
                waited_for: AbstractConnection = await super().get_connection(*args, **options)  # type: ignore[no-untyped-call] # The same.
            finally:
                self._waiting -= 1
            return waited_for
        connection: AbstractConnection = self.get_available_connection()  # type: ignore[no-untyped-call] # The same.
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection
