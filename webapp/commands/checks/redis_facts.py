"""What one Redis server tells of itself. A managed one may keep some of it back; that is no fault of it."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

Clock = Callable[[], float]
# A client, or the one node of a cluster that it would pick otherwise; redis-py parses the answer by the command's name.
Ask = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Server:
    """One server: ``info`` is its INFO, ``save`` when it writes snapshots (None: not to be seen).

    ``ahead`` is how many seconds its clock is before ours, ``took`` how long an answer takes.
    """

    name: str
    info: Mapping[str, Any]
    save: str | None
    ahead: float
    took: float

    def number(self, name: str) -> int | None:
        """Give a number of INFO, or None where it is not to be seen."""
        value = self.info.get(name)
        return value if isinstance(value, int) else None

    def text(self, name: str) -> str | None:
        """Give a text of INFO, or None where it is not to be seen."""
        value = self.info.get(name)
        return None if value is None else str(value)


async def look_at(ask: Ask, name: str, clock: Clock = time.time) -> Server:
    """Learn everything from one server, which ``ask`` sends commands to. Raises what redis-py raises."""
    info = await _allowed(ask("INFO"))
    save = await _allowed(ask("CONFIG GET", "save"))
    asked = clock()
    seconds, microseconds = await ask("TIME")
    answered = clock()
    # Its clock was read somewhere on the way there and back; the middle is wrong by half of that at most.
    ahead = int(seconds) + int(microseconds) / 1e6 - (asked + answered) / 2
    return Server(name, info or {}, None if save is None else str(save.get("save", "")), ahead, answered - asked)


async def _allowed(answer: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Give the answer, or None where the provider or the user's rights forbid the command."""
    try:
        return await answer
    except ResponseError:
        return None
