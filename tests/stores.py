"""What stands in Redis and in SQL, seen past the application; and a Redis that is away for a while."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import redis
from redis.client import Monitor
from session_fields import AGE, MOMENTS, changed, fields_of, is_left, sessions_in
from session_world import ENDED, MARKS, SESSIONS

from webapp.sessions.handover import KEY

MARK = "everything before this was it"
# What the subscription to news says on a connection of its own, whenever it likes.
TALK = {"HELLO", "CLIENT", "SUBSCRIBE", "PING"}
# How often requests of each kind came: of every request that was worked on, whatever became of it.
REQUESTS = "throttle:requests:"


class Stores:
    """The Redis at ``redis_url``, a Unix socket, and the SQLite file ``database``."""

    def __init__(self, redis_url: str, database: Path) -> None:
        self.redis = redis.Redis.from_url(redis_url, decode_responses=True, encoding_errors="replace")
        self._socket = Path(redis_url.removeprefix("unix://"))
        self._database = database

    def close(self) -> None:
        """Let go of Redis."""
        self.redis.close()

    def keys(self) -> set[str]:
        """Name all keys but those of the limits, which count visitors' tries too, and what passes by itself.

        That is the marks of calls, and where nothing but sessions that were ended is left. Nor since when this version
        is there.
        """
        return {key for key in self.every_key() if not key.startswith(("throttle:", MARKS)) and not self._is_left(key)}

    def every_key(self) -> set[str]:
        """Name all keys, but for the one that says since when this version is there."""
        return {str(key) for key in self.redis.scan_iter()} - {KEY}

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
        return [record["hash"] for record in self._living().values()]

    def accounts(self) -> list[tuple[object, ...]]:
        """Give all rows of the account table."""
        with closing(sqlite3.connect(self._database)) as db:
            return db.execute("SELECT * FROM account ORDER BY id").fetchall()

    def sessions(self) -> list[str]:
        """Give the ids of all sessions that nobody has ended."""
        return list(self._living())

    def record(self, session_id: str) -> dict[str, str]:
        """Give what stands of a session, whether it lives or was ended."""
        return sessions_in(self._held(self._key_of(session_id)))[session_id]

    def write(self, session_id: str, **values: str | bytes | None) -> None:
        """Write over what a session's record holds, or take away what is None."""
        key = self._key_of(session_id)
        for name, value in values.items():
            words = value.decode("latin-1") if isinstance(value, bytes) else value
            field, text = changed(self._held(key), session_id, name, words)
            if text is None:
                self.redis.hdel(key, field)
            else:
                self.redis.hset(key, field, text.encode("latin-1" if value != words else "utf-8"))

    def lose(self, session_id: str) -> None:
        """Take away all that stands of a session."""
        key = self._key_of(session_id)
        self.redis.hdel(key, *fields_of(self._held(key), session_id))

    def ends(self, session_id: str) -> int:
        """Give the seconds that Redis keeps what it has of the account of a session."""
        return int(str(self.redis.ttl(self._key_of(session_id))))

    def age(self, seconds: int, *moments: str, session_id: str = "") -> None:
        """Let time pass for all sessions or for one, or only for some of the MOMENTS of their records."""
        for key in map(str, self.redis.scan_iter(f"{SESSIONS}*")):
            self.redis.eval(AGE, 1, key, session_id, seconds, *(moments or MOMENTS))

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

    def _is_left(self, key: str) -> bool:
        return key.startswith(SESSIONS) and is_left(self._held(key))

    def _living(self) -> dict[str, dict[str, str]]:
        return {session_id: record for session_id, (_, record) in self._every().items() if ENDED not in record}

    def _key_of(self, session_id: str) -> str:
        key, _ = self._every()[session_id]
        return key

    def _every(self) -> dict[str, tuple[str, dict[str, str]]]:
        # Redis gives keys in another order whenever it makes room for more of them.
        keys = sorted(str(key) for key in self.redis.scan_iter(f"{SESSIONS}*"))
        every = [(key, sessions_in(self._held(key))) for key in keys]
        return {session_id: (key, record) for key, records in every for session_id, record in records.items()}

    def _held(self, key: str) -> dict[str, str]:
        # The client decodes its answers; redis-py's types cannot know.
        return cast("dict[str, str]", self.redis.hgetall(key))

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
