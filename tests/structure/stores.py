"""What stands in Redis and in the database, as a value that can be compared before and after."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import redis

Content = tuple[dict[bytes, bytes], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stores:
    """The Redis and the SQLite file that a site writes to."""

    redis_url: str
    database: str

    def content(self) -> Content:
        """Return everything that both hold."""
        with redis.Redis.from_url(self.redis_url) as client:
            kept = {key: client.dump(key) for key in client.scan_iter()}
        with closing(sqlite3.connect(self.database)) as db:
            return kept, tuple(db.iterdump())
