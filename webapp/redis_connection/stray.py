"""What escapes from redis-py that is no error of Redis."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError

T = TypeVar("T")

# What escapes from redis-py 8.1 and asyncio when a connection is found closed, by the server or by another task, in the
# moment in which it is used (redis-py's issue 4287), and when what it hears is not Redis's language. It closes such a
# connection, so another try finds another one.
STRAY = (AttributeError, TypeError, RuntimeError, ValueError)
STRAY_TRIES = 3


async def retry_stray(send: Callable[[], Awaitable[T]]) -> T:
    """Call redis-py, and again where such an error escapes. Raises ConnectionError when they do not end."""
    tries = 1
    while True:
        try:
            return await send()
        except STRAY as error:
            if tries == STRAY_TRIES:
                raise RedisConnectionError("The connection was lost while it was used.") from error
            tries += 1
