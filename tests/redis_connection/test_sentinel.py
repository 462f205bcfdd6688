"""What sentinels say of the primary, when redis-py loses its own thread while they are asked."""

from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from webapp.redis_connection.sentinel import SentinelPool
from webapp.redis_connection.stray import STRAY, STRAY_TRIES

PRIMARY = ("127.0.0.1", 6379)


class StubSentinel:
    """Stands by the primary, once as many errors as ``fails`` have escaped from redis-py."""

    def __init__(self, error: type[Exception] = AttributeError, *, fails: int = 0) -> None:
        self._error, self._fails = error, fails

    async def execute_command(self, *_: str) -> dict[str, object]:
        """Answer SENTINEL MASTER."""
        if self._fails:
            self._fails -= 1
            raise self._error("'NoneType' object has no attribute 'read'")
        return {"is_sdown": False, "ip": PRIMARY[0], "port": PRIMARY[1], "flags": {"master"}}


def pool_of(*sentinels: StubSentinel) -> SentinelPool:
    return SentinelPool("main", SimpleNamespace(sentinels=sentinels))


@pytest.mark.parametrize("error", STRAY)
async def test_sentinel_whose_connection_was_lost_is_asked_again(error: type[Exception]):
    await pool_of(*(StubSentinel(error, fails=1) for _ in range(3))).confirm_primary(PRIMARY)


async def test_sentinel_whose_connection_is_lost_again_and_again_is_outvoted():
    await pool_of(StubSentinel(fails=STRAY_TRIES), StubSentinel(), StubSentinel()).confirm_primary(PRIMARY)


async def test_write_is_not_confirmed_where_most_connections_to_sentinels_are_lost():
    lost = StubSentinel(fails=STRAY_TRIES), StubSentinel(fails=STRAY_TRIES)

    with pytest.raises(RedisConnectionError):
        await pool_of(*lost, StubSentinel()).confirm_primary(PRIMARY)
