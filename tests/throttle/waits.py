"""How long one has to wait for the next try, and time that passes."""

from collections.abc import Awaitable
from dataclasses import dataclass
from time import time_ns

from webapp.errors import TooManyTries
from webapp.redis_connection import RedisClient


async def wait_of(taking: Awaitable[object]) -> int:
    """Return the seconds to wait, 0 where the try is allowed."""
    try:
        await taking
    except TooManyTries as refusal:
        return refusal.wait
    return 0


@dataclass(frozen=True)
class Taken:
    """A try with its wait, and the milliseconds of the clock between which Redis answered it."""

    wait: int
    begun: int
    ended: int

    def is_right(self, seconds: int, since: "Taken") -> bool:
        """Tell whether it has to wait to the second as long as is left of ``seconds`` that began with ``since``."""
        most, least = (1000 * seconds - passed for passed in (self.begun - since.ended, self.ended - since.begun))
        return -(-least // 1000) <= self.wait <= -(-most // 1000)


async def timed(taking: Awaitable[object]) -> Taken:
    # Redis, which runs on this machine, has the same clock.
    begun = time_ns() // 1_000_000
    return Taken(await wait_of(taking), begun, time_ns() // 1_000_000)


async def keys_of(redis: RedisClient) -> list[str]:
    """Give every key there is. KEYS would ask only one server of a cluster."""
    return [str(key) async for key in redis.scan_iter()]


async def pass_time(redis: RedisClient, seconds: int) -> None:
    """Make all tries, and what ends by itself, so much older, which for the limit is the same as waiting."""
    for key in await keys_of(redis):
        if await redis.type(key) == "string":
            await redis.pexpire(key, await redis.pttl(key) - seconds * 1000)
            continue
        for place, time in enumerate(await redis.lrange(key, 0, -1)):
            await redis.lset(key, place, str(int(time) - seconds * 1000))
