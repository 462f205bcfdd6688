"""What no part does by itself: it shows that the harness sees what it is there to see, on the real server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from own_redis import StandaloneRedis, wait_until
from redis import Redis
from soak.house import House
from soak.people import Crowd


@contextmanager
def sessions_forgotten(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Let Redis lose everything, as one does that keeps nothing and is restarted."""
    yield
    house.redis.flush()


@contextmanager
def sessions_remembered(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Let Redis go back to what it held a while ago, as a replica does that has missed the rest."""
    with Redis(unix_socket_path=str(house.redis.socket)) as redis:
        before = {key: redis.dump(key) for key in redis.scan_iter("*session*")}
        living = [key for key in redis.scan_iter("session:*") if redis.hexists(key, "hash")]
        yield
        # However slow the machine is: where nobody had ended anything, nothing would come back.
        wait_until(lambda: any(redis.hexists(key, "was") for key in living), "somebody has ended a session")
        for key, content in before.items():
            # An hour: times to live are not part of what was dumped.
            redis.restore(key, 3600_000, content, replace=True)


@contextmanager
def names_lost(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Take away what people have called their devices."""
    with Redis(unix_socket_path=str(house.redis.socket)) as redis:
        yield
        wait_until(lambda: any(redis.hget(key, "name") for key in redis.scan_iter("session:*")), "a device has a name")
        for key in redis.scan_iter("session:*"):
            redis.hdel(key, "name")


@contextmanager
def accounts_lost(house: House[Any], _: Crowd) -> Iterator[None]:
    """Let the database lose everybody."""
    yield
    with psycopg.connect(house.postgres.url("postgres")) as db:
        db.execute("DELETE FROM account")
