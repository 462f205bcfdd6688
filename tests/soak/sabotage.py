"""What no part does by itself: it shows that the harness sees what it is there to see, on the real server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from own_redis import StandaloneRedis, wait_until
from redis import Redis
from session_fields import LETTERS, SLOT
from session_world import SESSIONS
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
        before = {key: redis.dump(key) for key in redis.scan_iter(f"{SESSIONS}*")}
        living = [(key, name) for key in before for name in redis.hkeys(key) if _is(name, "hash")]
        yield
        # However slow the machine is: where nobody had ended anything, nothing would come back.
        wait_until(lambda: not all(redis.hexists(*one) for one in living), "somebody has ended a session")
        for key, content in before.items():
            # An hour: times to live are not part of what was dumped.
            redis.restore(key, 3600_000, content, replace=True)


@contextmanager
def names_lost(house: House[StandaloneRedis], _: Crowd) -> Iterator[None]:
    """Take away what people have called their devices."""
    with Redis(unix_socket_path=str(house.redis.socket)) as redis:
        yield
        wait_until(lambda: any(_names(redis)), "a device has a name")
        for key, name in _names(redis):
            redis.hdel(key, name)


def _names(redis: Redis) -> list[tuple[Any, Any]]:
    """Give where the names of devices stand."""
    return [(key, name) for key in redis.scan_iter(f"{SESSIONS}*") for name in redis.hkeys(key) if _is(name, "name")]


def _is(field: Any, name: str) -> bool:  # noqa: ANN401 - bytes, and redis-py's types do not say so.
    return len(field) == SLOT + 1 and field[SLOT:].decode() == LETTERS[name]


@contextmanager
def accounts_lost(house: House[Any], _: Crowd) -> Iterator[None]:
    """Let the database lose everybody."""
    yield
    with psycopg.connect(house.postgres.url("postgres")) as db:
        db.execute("DELETE FROM account")
