"""What stands in Redis and in SQL, seen past the application; and a Redis that is away for a while."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis
from redis.client import Monitor
from session_world import AGE, ENDED, MARKS, MOMENTS, SESSIONS

MARK = "everything before this was it"
# What the subscription to news says on a connection of its own, whenever it likes.
TALK = {"HELLO", "CLIENT", "SUBSCRIBE", "PING"}
# How often requests of each kind came: of every request that was worked on, whatever became of it.
REQUESTS = "throttle:requests:"


class Stores:
    """The Redis at ``redis_url``, a Unix socket, and the SQLite file ``database``."""

    def __init__(self, redis_url: str, database: Path) -> None:
        self.redis = redis.Redis.from_url(redis_url, decode_responses=True)
        self._socket = Path(redis_url.removeprefix("unix://"))
        self._database = database

    def close(self) -> None:
        """Let go of Redis."""
        self.redis.close()

    def keys(self) -> set[str]:
        """Name all keys but those of the limits, which count visitors' tries too, and what passes by itself.

        That is the marks of calls, and what is left of sessions that were ended.
        """
        keys = {str(key) for key in self.redis.scan_iter()}
        return {key for key in keys if not key.startswith(("throttle:", MARKS)) and not self._is_ending(key)}

    def contents(self) -> tuple[dict[str, object], list[tuple[object, ...]]]:
        """Give everything that is written, to compare it with what is written later."""
        return {key: self._value(key) for key in self.keys()}, self.accounts()

    def counts(self) -> list[str]:
        """Name the keys of the limits of tries and of mails."""
        keys = (str(key) for key in self.redis.scan_iter("throttle:*"))
        return sorted(key for key in keys if not key.startswith(REQUESTS))

    def everything(self) -> tuple[object, ...]:
        """Give everything that is written, the limits of tries and of mails and the marks of calls included.

        Not what is no trace of what was done: that requests came, and what is left of sessions until it is read.
        """
        return self.contents(), self.counts(), sorted(self.redis.scan_iter(f"{MARKS}*"))

    def secret_hashes(self) -> list[str]:
        """Give what Redis keeps of the secrets of all sessions."""
        return [str(self.redis.hget(key, "hash")) for key in self.sessions()]

    def accounts(self) -> list[tuple[object, ...]]:
        """Give all rows of the account table."""
        with closing(sqlite3.connect(self._database)) as db:
            return db.execute("SELECT * FROM account ORDER BY id").fetchall()

    def sessions(self) -> list[str]:
        """Name the keys of all session records."""
        return [key for key in self.keys() if key.startswith(SESSIONS)]

    def age(self, seconds: int, *moments: str) -> None:
        """Let time pass for all sessions, or only for some of the MOMENTS of their records."""
        for key in self.sessions():
            self.redis.eval(AGE, 1, key, seconds, *(moments or MOMENTS))

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """List the names of the commands that are sent to Redis within; what scripts do is no command of their own."""
        commands: list[str] = []
        with self.redis.client() as ours:  # type: ignore[no-untyped-call]  # redis-py has no types there.
            # Connected before anybody watches.
            ours.ping()
            with self.redis.monitor() as monitor:  # type: ignore[no-untyped-call]  # redis-py has no types there.
                yield commands
                ours.echo(MARK)
                commands.extend(_commands(monitor))

    @contextmanager
    def away(self) -> Iterator[None]:
        """Have Redis drop all connections and be unreachable; it forgets nothing."""
        hidden = self._socket.with_suffix(".away")
        with self.redis.client() as kept:  # type: ignore[no-untyped-call]  # redis-py has no types there.
            kept.ping()
            self._socket.rename(hidden)
            try:
                kept.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                yield
            finally:
                hidden.rename(self._socket)

    def _is_ending(self, key: str) -> bool:
        if not key.startswith(SESSIONS):
            return False
        # What was left of one may have gone since its key was read.
        kind = self.redis.type(key)
        return kind == "none" or (kind == "hash" and bool(self.redis.hexists(key, ENDED)))

    def _value(self, key: str) -> object:
        match self.redis.type(key):
            case "hash":
                return self.redis.hgetall(key)
            case "zset":
                return self.redis.zrange(key, 0, -1, withscores=True)
        return self.redis.dump(key)


def _commands(monitor: Monitor) -> Iterator[str]:
    while True:
        sent = monitor.next_command()  # type: ignore[no-untyped-call]  # redis-py has no types there.
        if MARK in sent["command"]:
            return
        name = sent["command"].split()[0].upper()
        if sent["client_type"] != "lua" and name not in TALK:
            yield name
