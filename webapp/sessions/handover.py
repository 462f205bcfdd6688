"""From when on sessions are written in this version's form, which the version before cannot read.

While a new version starts, the one before serves too. So for an hour from the first start of this one on a Redis an
account is written as that one does it (docs/decisions/0024). In an empty one nobody is signed in: it waits for nothing.
"""

import time
from math import inf

from webapp.errors import StoreUnavailable
from webapp.redis_connection import RedisClient
from webapp.redis_connection.scripts import Script, translating_failures

# Holds the second of Redis's clock at which the first process of this version began; it stays.
KEY = "in-since"
# Seconds for which a process of the version before may go on: a deploy stops it within minutes, and may be taken back.
BESIDE = 3600
# KEYS[1] is KEY, ARGV: 1 BESIDE, 2 '1' on an empty Redis. Answers the seconds that are left; 0 when none is.
BEGIN = """
local now = tonumber(redis.call('TIME')[1])
redis.call('SET', KEYS[1], ARGV[2] == '1' and now - ARGV[1] or now, 'NX')
local since = tonumber(redis.call('GET', KEYS[1])) or now
return math.max(0, since + ARGV[1] - now)
"""


class Handover:
    """Whether the version before may still run beside this one, on one Redis. Not known yet counts as yes."""

    def __init__(self) -> None:
        self._ends = inf
        self._begun = False

    @classmethod
    def over(cls) -> "Handover":
        """Give one that is over: no other version is there."""
        handover = cls()
        handover._ends = -inf
        return handover

    @property
    def is_over(self) -> bool:
        """Whether sessions may be written in this version's form."""
        return time.monotonic() >= self._ends

    async def begin(self, redis: RedisClient) -> None:
        """Note that this version serves from now on, and learn when the one before cannot any more.

        Raises StoreUnavailable. It is done again by ``resume`` then.
        """
        self._begun = True
        if self._ends != inf:
            return
        with translating_failures():
            keys = await redis.dbsize()
        left = await Script(redis, BEGIN)((KEY,), BESIDE, int(keys == 0))
        self._ends = time.monotonic() + int(left)

    async def resume(self, redis: RedisClient) -> None:
        """Learn what could not be learned at the start; where nothing serves, as in a command, nothing is noted."""
        if self._begun and self._ends == inf:
            try:
                await self.begin(redis)
            except StoreUnavailable:
                # As before, the version before may be there.
                return
