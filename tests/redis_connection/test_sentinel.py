"""What sentinels say of the primary: they may differ for a while, and redis-py may lose its own thread asking them."""

from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from webapp.redis_connection.sentinel import SentinelPool
from webapp.redis_connection.stray import STRAY, STRAY_TRIES

PRIMARY, ANOTHER = ("127.0.0.1", 6379), ("127.0.0.1", 6380)


class StubSentinel:
    """Says what it is made with, once as many errors as ``fails`` have escaped from redis-py."""

    def __init__(
        self,
        error: type[Exception] = AttributeError,
        *,
        fails: int = 0,
        names: tuple[str, int] = PRIMARY,
        epoch: int = 1,
        flags: str = "master",
    ) -> None:
        self._error, self._fails = error, fails
        told = set(flags.split(","))
        self._state = {
            "ip": names[0],
            "port": names[1],
            "config-epoch": epoch,
            "flags": told,
            "is_sdown": "s_down" in told,
        }

    async def execute_command(self, *_: str) -> Mapping[str, object]:
        """Answer SENTINEL MASTER."""
        if self._fails:
            self._fails -= 1
            raise self._error("'NoneType' object has no attribute 'read'")
        return self._state


REPLACING_IT = StubSentinel(flags="master,failover_in_progress,force_failover")
HAS_REPLACED_IT = StubSentinel(names=ANOTHER, epoch=2)
MISSES_IT = StubSentinel(flags="master,s_down")
WAS_AWAY = StubSentinel(names=ANOTHER, epoch=0)


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


@pytest.mark.parametrize("third", [MISSES_IT, WAS_AWAY])
async def test_one_that_knows_less_is_outvoted(third: StubSentinel):
    await pool_of(StubSentinel(), third, StubSentinel()).confirm_primary(PRIMARY)


@pytest.mark.parametrize("third", [REPLACING_IT, HAS_REPLACED_IT])
async def test_one_that_knows_of_another_primary_is_believed_before_the_others_have_heard_of_it(third: StubSentinel):
    with pytest.raises(RedisConnectionError):
        await pool_of(StubSentinel(), third, StubSentinel()).confirm_primary(PRIMARY)


@pytest.mark.parametrize("other", [MISSES_IT, WAS_AWAY])
async def test_primary_that_one_sentinel_stands_by_is_not_confirmed(other: StubSentinel):
    with pytest.raises(RedisConnectionError):
        await pool_of(StubSentinel(), other, other).confirm_primary(PRIMARY)
