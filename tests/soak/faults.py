"""The ways in which a part fails, each undone at its end: then the part answers again, whether the server does or not.

These wait for processes, so they are entered and left in a thread.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from own_redis import StandaloneRedis, wait_until
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis_deployments import ClusterRedis, SentinelRedis
from soak.acts import USUAL, Acts
from soak.house import House
from soak.people import Crowd

Break = Callable[[House[Any], Crowd], AbstractContextManager[None]]

# What those have who took all connections of a Redis before us.
OTHERS = 10
# How often those who hang up do so; the others show that the site goes on.
RUDENESS = 0.6
# Seconds until every kind of write was cut; most cost a hash, and on a busy machine that takes its time.
CUT_SECONDS = 90
# Milliseconds in which a replica that counts has what was just written.
COUNTS_WITHIN = 300
# What is cut, by the last part of its path.
WRITES = {f"POST {write}" for write in ("register", "login", "logout", "end", "end-others", "name", "confirm")}

# Cuts every connection of a client but those of the processes listed.
CUT_OTHERS = """
    SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> ALL(%s)
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table; it lasts ``hold`` seconds, in the suite ``brief`` ones, while people do ``acts``.

    ``quiet`` says that nobody else may notice: not even a 503 is allowed. ``undoes`` says that another server takes
    over, which undoes what was not acknowledged. ``tidy`` is called when all was judged.
    """

    name: str
    breaks: Break
    hold: float = 4.0
    acts: Acts = USUAL
    quiet: bool = False
    undoes: bool = False
    brief: float = 1.0
    tidy: Callable[[House[Any]], None] = lambda _: None


@contextmanager
def redis_stopped(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """End Redis in good order, and start it again."""
    house.redis.stop()
    try:
        yield
    finally:
        house.redis.start()


@contextmanager
def redis_killed(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """End Redis as a power cut would, and start it again."""
    house.redis.kill()
    try:
        yield
    finally:
        house.redis.start()


@contextmanager
def redis_frozen(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Let Redis answer nobody while its connections stand; what was sent in the meantime it does afterwards."""
    house.redis.freeze()
    try:
        yield
    finally:
        house.redis.thaw()


@contextmanager
def redis_full(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Let Redis refuse whatever needs memory, as it does with ``noeviction``."""
    before = house.redis.cli("CONFIG GET", "maxmemory")["maxmemory"]
    house.redis.cli("CONFIG SET", "maxmemory", 1)
    try:
        yield
    finally:
        house.redis.cli("CONFIG SET", "maxmemory", before)


@contextmanager
def redis_taken(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Let others have all connections that Redis allows, and the server none."""
    with ExitStack() as stack:
        others = [stack.enter_context(_connection(house.redis)) for _ in range(OTHERS)]
        ids = {int(other.client_id()) for other in others}
        admin = others[0]
        before = int(admin.config_get("maxclients")["maxclients"] or 0)
        admin.config_set("maxclients", OTHERS)
        stack.callback(admin.config_set, "maxclients", before)
        for client in admin.client_list():
            if int(client["id"]) not in ids:
                admin.client_kill_filter(_id=client["id"])
        yield


@contextmanager
def nothing(*_: object) -> Iterator[None]:
    """Break nothing: what is wrong with the server shows by itself."""
    yield


@contextmanager
def clients_hang_up(_: House[Any], crowd: Crowd) -> Iterator[None]:
    """Let people not wait for answers any more, until every kind of write was cut."""
    crowd.rudeness = RUDENESS
    try:
        yield
        wait_until(lambda: set(crowd.ledger.record.hung_up) >= WRITES, "every kind of write was cut", CUT_SECONDS)
    finally:
        crowd.rudeness = 0.0


@contextmanager
def postgres_restarted(house: House[Any], _: Crowd) -> Iterator[None]:
    """End PostgreSQL, which cuts its connections, and start it again."""
    house.postgres.stop()
    try:
        yield
    finally:
        house.postgres.start()


@contextmanager
def postgres_frozen(house: House[Any], _: Crowd) -> Iterator[None]:
    """Let PostgreSQL answer nobody while its connections stand."""
    house.postgres.freeze()
    try:
        yield
    finally:
        house.postgres.thaw()


@contextmanager
def postgres_taken(house: House[Any], _: Crowd) -> Iterator[None]:
    """Let others have all connections that PostgreSQL allows, and the server none."""
    with ExitStack() as stack:
        admin = stack.enter_context(psycopg.connect(house.postgres.url("postgres"), autocommit=True))
        ours = {admin.info.backend_pid}
        ours |= _take_all(house, stack)
        while admin.execute(CUT_OTHERS, [list(ours)]).rowcount:
            ours |= _take_all(house, stack)
        yield


def _take_all(house: House[Any], stack: ExitStack) -> set[int]:
    """Connect until that is refused; gives the processes that serve these connections."""
    taken = set()
    with suppress(psycopg.OperationalError):
        while True:
            taken.add(stack.enter_context(psycopg.connect(house.postgres.url("postgres"))).info.backend_pid)
    return taken


@contextmanager
def primary_killed(house: House[SentinelRedis], _: Crowd) -> Iterator[None]:
    """Kill the primary, until the sentinels have made the replica one."""
    old = _primary_with_a_replica(house.redis)
    old.kill()
    yield
    house.redis.wait_for_another(old)


@contextmanager
def primary_frozen(house: House[SentinelRedis], _: Crowd) -> Iterator[None]:
    """Freeze the primary until another has taken over; it then still takes itself for the primary for a while."""
    old = _primary_with_a_replica(house.redis)
    old.freeze()
    try:
        yield
        house.redis.wait_for_another(old)
    finally:
        old.thaw()


def heal(house: House[SentinelRedis]) -> None:
    """Let the old primary become a replica, for the next trial."""
    house.redis.heal()


def _primary_with_a_replica(redis: SentinelRedis) -> StandaloneRedis:
    """Return the primary once its replica counts as one, and nobody is replacing it.

    A write that no replica can have is lost with the primary, as decision 11 says. So it is after a failover of the
    sentinels' own, which a busy machine brings about by a pause of a second: that would be a second loss in a row.
    """
    wait_until(lambda: _has_a_replica(redis), "the primary has a replica, and nobody replaces it")
    return redis.primary()


def _has_a_replica(redis: SentinelRedis) -> bool:
    # In this order: a primary that pauses keeps whoever asks it waiting, while the sentinels look for another.
    return _counts_its_replica(redis.primary()) and redis.is_whole()


def _counts_its_replica(primary: StandaloneRedis) -> bool:
    # What INFO says is not enough: Redis 7.0 calls a replica online that has said how far it is, and yet begins only
    # with its next word, a second later, to send it what was written since the copy. PUBLISH travels like a write.
    with _connection(primary) as admin:
        admin.publish("soak", "")
        return admin.wait(1, COUNTS_WITHIN) == 1


@contextmanager
def node_lost(house: House[ClusterRedis], _: Crowd) -> Iterator[None]:
    """Kill one of the cluster's nodes, and start it again."""
    node = house.redis.nodes[0]
    node.kill()
    try:
        yield
    finally:
        node.start()
        wait_until(house.redis.is_whole, "the cluster is whole again")


@contextmanager
def _connection(server: StandaloneRedis) -> Iterator[Redis]:
    with Redis(
        unix_socket_path=str(server.socket),
        retry=Retry(NoBackoff(), 0),
        single_connection_client=True,
        decode_responses=True,
    ) as client:
        yield client
