"""One Lua script, sent by its hash: one round trip, and one moment in which all of it happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from webapp.errors import StoreUnavailable

RedisClient: TypeAlias = Redis | RedisCluster

SCRIPTS = Path(__file__).parent / "scripts"
# An OSError comes past redis-py where a connection breaks while it is made; a deadline that passed is one as well.
REDIS_FAILURES = (RedisError, RedisClusterException, OSError)


class Script:
    """A script over the keys of one account. Redis forgets scripts when it restarts; redis-py then sends it again."""

    def __init__(self, redis: RedisClient, name: str) -> None:
        self._redis = redis
        self._text = _read("record") + _read(name)
        self._script = redis.register_script(self._text)

    async def load(self) -> None:
        """Make Redis know the script before its first use, which then is one round trip like every other."""
        with answering():
            await self._redis.script_load(self._text)

    async def __call__(self, account_id: str, *arguments: str | int) -> Any:  # noqa: ANN401 -- each script answers in its own form.
        """Run it for one account. Raises StoreUnavailable when Redis does not answer as it should.

        The braces are real: they are the cluster's hash tag, and keep all keys of one account in one slot.
        """
        keys = (f"sessions:{{{account_id}}}", f"account:{{{account_id}}}")
        with answering():
            return await self._script(keys=keys, args=(f"session:{{{account_id}}}:", *arguments))


@contextmanager
def answering() -> Iterator[None]:
    """Turn whatever Redis or the way to it fails with into StoreUnavailable."""
    try:
        yield
    except REDIS_FAILURES as error:
        raise StoreUnavailable("Redis") from error


def _read(name: str) -> str:
    return (SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")
