"""The world while the version before may still run: everybody is written down in its form, a key for each session."""

from dataclasses import dataclass, field
from typing import cast

from redis.asyncio import Redis
from session_fields import MOMENTS
from session_world import ENDED, MARKS, World

from webapp.sessions.handover import Handover
from webapp.sessions.token import Token

SESSIONS = "session:"
# Takes a record's key, the seconds that pass, and the moments that they pass for.
AGE = """
for place = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[place]) == 1 then
    redis.call('HINCRBY', KEYS[1], ARGV[place], -ARGV[1])
  end
end
"""


@dataclass
class FirstWorld(World):
    """A world in which nothing is written in the form of today yet."""

    handover: Handover = field(default_factory=Handover)

    async def age(self, token: str, seconds: int, *moments: str) -> None:
        """Let time pass for one session alone. Its keys stay, as though Redis had not come round to them yet."""
        parsed = _parsed(token)
        await self.redis.eval(AGE, 1, key_of(token), seconds, *(moments or MOMENTS))
        await self.redis.zincrby(f"sessions:{{{parsed.account_id}}}", -seconds, parsed.session_id)

    async def left(self, token: str) -> dict[str, str]:
        """Give the record as it stands in Redis, whether the session lives or was ended."""
        # The client decodes its answers; redis-py's types cannot know.
        return cast("dict[str, str]", await self.redis.hgetall(key_of(token)))

    async def keys(self) -> set[str]:
        """Give every key there is, but for the marks and what is left of sessions that were ended."""
        return {key for key in await self._every_key() if not key.startswith(MARKS) and not await self._is_ending(key)}

    async def _is_ending(self, key: str) -> bool:
        is_record = key.startswith(SESSIONS) and await self.redis.type(key) == "hash"
        return is_record and bool(await self.redis.hexists(key, ENDED))


def key_of(token: str) -> str:
    """Give the key of the record that belongs to a token, as the version before names it."""
    parsed = _parsed(token)
    return f"{SESSIONS}{{{parsed.account_id}}}:{parsed.session_id}"


async def every_key(redis: Redis) -> set[str]:
    """Give every key there is, but for the marks."""
    return {str(key) async for key in redis.scan_iter() if not key.startswith(MARKS)}


def _parsed(token: str) -> Token:
    parsed = Token.parse(token)
    assert parsed is not None
    return parsed
