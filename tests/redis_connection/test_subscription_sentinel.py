"""A failover: the subscription goes where the primary is, also when nobody else asks and nothing breaks."""

import time
from collections.abc import AsyncIterator

import pytest
from own_redis import SLOW, StandaloneRedis
from redis_clients import opened
from redis_connection.listening import CHANNEL, Listener, listening
from redis_connection.own import Own
from redis_deployments import SentinelRedis

from webapp.redis_connection import RedisClient, subscription_line, subscription_talk
from webapp.redis_connection.clients import ReplicatedRedis

# The promise is 2 s after another primary is elected; a busy machine gets as much again, and more.
BACK_WITHIN = 2.0
SLACK = 4.0

# Its fixture alone may wait for the sentinels for longer than a test has.
pytestmark = pytest.mark.timeout(SLOW)


@pytest.fixture
def deployment(own: Own) -> SentinelRedis:
    return own.behind_sentinels()


@pytest.fixture
async def redis(deployment: SentinelRedis) -> AsyncIterator[RedisClient]:
    async with opened(deployment.url) as redis:
        yield redis


@pytest.fixture
async def listener(redis: RedisClient) -> AsyncIterator[Listener]:
    async with listening(redis) as listener:
        await listener.in_force()
        yield listener


@pytest.fixture
def unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines believe that they live, so that only the sentinels tell anything else."""
    monkeypatch.setattr(subscription_talk, "PING_EVERY", 3600.0)


def ours(server: StandaloneRedis) -> int:
    """Count those who listen to our channel; sentinels have one of theirs."""
    return int(server.cli("PUBSUB", "NUMSUB", CHANNEL)[1])


async def heard_from(deployment: SentinelRedis, listener: Listener, old: StandaloneRedis, *, since: float) -> None:
    """Return when news of the new primary are heard, which has to be in time."""
    await listener.in_force(times=2)
    assert time.monotonic() - since < BACK_WITHIN + SLACK
    assert (deployment.primary() is not old, ours(deployment.primary())) == (True, 1)
    deployment.primary().cli("PUBLISH", CHANNEL, "news")
    await listener.told("news")


async def test_primary_that_dies_is_left_for_the_new_one(deployment: SentinelRedis, listener: Listener):
    old = deployment.primary()
    deployment.fail_over()

    await heard_from(deployment, listener, old, since=time.monotonic())


@pytest.mark.usefixtures("unnoticed")
async def test_frozen_primary_is_left_when_the_sentinels_have_left_it(deployment: SentinelRedis, listener: Listener):
    old = deployment.primary()
    old.freeze()
    deployment.wait_for_another(old)

    await heard_from(deployment, listener, old, since=time.monotonic())

    old.thaw()
    # What stood before is closed on our side, which it learns now.
    await listener.until(lambda: ours(old) == 0, "nobody listens to it any more")
    assert listener.anew == [None, None]


async def test_demoted_primary_is_left(deployment: SentinelRedis, listener: Listener):
    old = deployment.primary()
    deployment.sentinels[0].cli("SENTINEL", "FAILOVER", "main")
    deployment.wait_for_another(old)

    await heard_from(deployment, listener, old, since=time.monotonic())


@pytest.mark.usefixtures("unnoticed")
async def test_line_to_a_server_that_is_none_is_made_anew_though_nothing_has_changed_meanwhile(
    deployment: SentinelRedis, redis: RedisClient
):
    """Whoever greeted the old primary while another one was elected has missed the change."""
    assert isinstance(redis, ReplicatedRedis)
    primary, (replica,) = deployment.primary(), deployment.replicas()
    async with listening(redis) as listener:
        await listener.in_force()
        connection = listener.subscription._line.connection  # type: ignore[attr-defined] # It is that of one server.
        connection.port = replica.port

        await listener.in_force(times=2)
    assert redis.connection_pool.master_address == ("127.0.0.1", primary.port)


async def test_pause_after_failures_is_cut_short_by_a_new_primary(
    deployment: SentinelRedis, listener: Listener, monkeypatch: pytest.MonkeyPatch
):
    old = deployment.primary()
    monkeypatch.setattr(subscription_line.BACKOFF, "compute", lambda _: 3600.0)
    deployment.fail_over()

    await heard_from(deployment, listener, old, since=time.monotonic())


async def test_line_is_left_in_peace_where_nothing_happens(
    deployment: SentinelRedis, redis: RedisClient, listener: Listener, monkeypatch: pytest.MonkeyPatch
):
    assert isinstance(redis, ReplicatedRedis)
    pool, looks = redis.connection_pool, []
    ask = pool.get_master_address

    async def counted() -> tuple[str, int]:
        looks.append(time.monotonic())
        return await ask()

    monkeypatch.setattr(pool, "get_master_address", counted)
    await listener.until(lambda: len(looks) > 2, "the sentinels are asked now and then")

    assert listener.anew == [None]
    assert ours(deployment.primary()) == 1
