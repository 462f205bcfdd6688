"""What sentinels say of the primary: they may differ for a while, and redis-py may lose its own thread asking them."""

from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from redis.asyncio.sentinel import MasterNotFoundError
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
    return SentinelPool("main", SimpleNamespace(sentinels=list(sentinels)))


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


async def test_primary_is_the_one_that_the_first_sentinel_to_answer_stands_by():
    pool = pool_of(StubSentinel(fails=STRAY_TRIES), MISSES_IT, StubSentinel())

    assert await pool.get_master_address() == PRIMARY


async def test_sentinel_that_has_not_heard_of_a_failover_leads_nobody_back():
    late = StubSentinel()
    pool = pool_of(HAS_REPLACED_IT, late)
    assert await pool.get_master_address() == ANOTHER

    pool.sentinel_manager.sentinels = [late, HAS_REPLACED_IT]

    assert await pool.get_master_address() == ANOTHER


async def test_sentinels_that_were_set_up_anew_are_believed():
    pool = pool_of(HAS_REPLACED_IT)
    await pool.get_master_address()

    pool.sentinel_manager.sentinels = [StubSentinel(epoch=0), StubSentinel(epoch=0)]

    assert await pool.get_master_address() == PRIMARY


@pytest.mark.parametrize("missing", [MISSES_IT, StubSentinel(fails=STRAY_TRIES * 2)])
async def test_there_is_no_primary_where_no_sentinel_stands_by_one(missing: StubSentinel):
    with pytest.raises(MasterNotFoundError):
        await pool_of(missing, missing).get_master_address()


async def test_primary_that_was_replaced_is_none_although_one_sentinel_still_stands_by_it():
    replaced = StubSentinel(names=ANOTHER, epoch=2, flags="master,s_down")
    pool = pool_of(HAS_REPLACED_IT)
    await pool.get_master_address()

    pool.sentinel_manager.sentinels = [StubSentinel(), replaced]

    with pytest.raises(MasterNotFoundError):
        await pool.get_master_address()
