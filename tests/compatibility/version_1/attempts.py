"""The count of wrong passwords as version 1 keeps it. Frozen: see README.md beside it."""

from hashlib import sha256
from pathlib import Path

from redis.asyncio import Redis

SCRIPTS = Path(__file__).parent / "throttle"


class AttemptsOne:
    """A process of version 1 with a limit of ``times`` tries in fifteen minutes, and ten times that for a network."""

    def __init__(self, redis: Redis, times: int) -> None:
        self._limits = (900_000, times, times * 10)
        self._take = redis.register_script((SCRIPTS / "take.lua").read_text())
        self._clear = redis.register_script((SCRIPTS / "clear.lua").read_text())

    async def take(self, email_key: str, network: str) -> int:
        """Count a try; gives the milliseconds to wait, 0 when it was allowed."""
        return int(await self._take(keys=_keys(email_key, network), args=self._limits))

    async def clear(self, email_key: str, network: str) -> None:
        await self._clear(keys=_keys(email_key, network))


def _keys(email_key: str, network: str) -> list[str]:
    all_of_it = f"throttle:{{{network}}}"
    return [f"{all_of_it}:{sha256(email_key.encode()).hexdigest()}", all_of_it]
