"""One Lua script, sent by its hash: one round trip, and one moment in which all of it happens."""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from typing import Any, cast

from redis.exceptions import NoScriptError, RedisClusterException, RedisError
from redis.typing import EncodableT

from webapp.errors import StoreUnavailable

from .clients import RedisClient, send_lasting

# An OSError comes past redis-py where a connection breaks while it is made; a deadline that passed is one as well.
REDIS_FAILURES = (RedisError, RedisClusterException, OSError)


class Script:
    """A script that ``redis`` may have forgotten, because it restarted or another server took its place.

    What a ``lasting`` one wrote outlives a failover: it returns when a replica has it too.
    """

    def __init__(self, redis: RedisClient, text: str, *, lasting: bool = False) -> None:
        self._redis = redis
        self._text = text
        # Redis's own name for it; it protects nothing.
        self._hash = sha1(text.encode(), usedforsecurity=False).hexdigest()
        self._lasting = lasting

    async def load(self) -> None:
        """Make Redis know the script before its first use, which then is as short as every other."""
        with translating_failures():
            await self._redis.script_load(self._text)

    async def __call__(self, keys: Sequence[str], *arguments: str | int) -> Any:  # noqa: ANN401 -- each script answers in its own form.
        """Run it. Raises StoreUnavailable when Redis does not answer as it should; what it wrote may then stand."""
        operands = (len(keys), *keys, *arguments)
        # Not by translating_failures(): every page comes here, and a generator takes its time (1 us a page).
        try:
            try:
                return await self._send("EVALSHA", self._hash, *operands)
            except NoScriptError:
                return await self._send("EVAL", self._text, *operands)
        except REDIS_FAILURES as error:
            raise StoreUnavailable("Redis") from error

    def _send(self, *command: EncodableT) -> Awaitable[Any]:
        if self._lasting:
            return send_lasting(self._redis, *command)
        return cast("Awaitable[Any]", self._redis.execute_command(*command))


@contextmanager
def translating_failures() -> Iterator[None]:
    """Turn whatever Redis or the way to it fails with into StoreUnavailable."""
    try:
        yield
    except REDIS_FAILURES as error:
        raise StoreUnavailable("Redis") from error
