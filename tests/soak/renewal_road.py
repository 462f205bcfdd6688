"""The way between browsers and the server, on which requests and answers are slow, overtake each other and get lost."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import httpx
from soak.renewal_wire import FAILURES, LeanWire, request_of
from soak.wire import MOMENTS, PATIENCE, Answer

# Seconds for which a request or an answer is under way at most where it is slow: others overtake it then.
LONGEST = 0.6


@dataclass
class Road:
    """What all wires to one server have in common: who is under way, and what has become of them.

    ``slow`` is the probability of a request to be slow, and ``late`` that of an answer.
    """

    slow: float = 0.06
    late: float = 0.12
    counts: Counter[str] = field(default_factory=Counter)
    # How often the server was stopped, and whether it takes requests now.
    restarts: int = 0
    served: asyncio.Event = field(default_factory=asyncio.Event)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: int = 0

    def __post_init__(self) -> None:
        self.served.set()
        self._open.set()
        self._empty.set()

    @asynccontextmanager
    async def unserved(self) -> AsyncIterator[None]:
        """Let nobody wonder at getting no answer within."""
        self.restarts += 1
        self.served.clear()
        try:
            yield
        finally:
            self.served.set()

    @asynccontextmanager
    async def trip(self) -> AsyncIterator[None]:
        """Be under way, from the moment at which the cookies are read until those of the answer are kept."""
        while not self._open.is_set():
            await self._open.wait()
        self._under_way += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._empty.set()

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Wait until nobody is under way, and let nobody leave within."""
        self._open.clear()
        try:
            await self._empty.wait()
            yield
        finally:
            self._open.set()


class RoughWire(LeanWire):
    """A wire over ``road``."""

    def __init__(self, port: int, address: str, road: Road, chance: Random) -> None:
        super().__init__(port, address, chance)
        self.road = road

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request, perhaps later than it was made, and give its answer, perhaps later than it came."""
        await self._dawdle("slow requests", self.road.slow)
        answer = await self._served(method, path, headers, body)
        await self._dawdle("late answers", self.road.late)
        return answer

    async def hang_up(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and get nothing of its answer: it is lost on the way, or nobody waits for it."""
        self.road.counts["lost answers"] += 1
        began = time.monotonic()
        if self.chance.random() < 0.5:
            await self._served(method, path, headers, body)
        else:
            with suppress(*FAILURES):
                await self._leave(method, path, headers, body)
        return Answer(began, time.monotonic(), 0, text="lost")

    async def _served(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        restarts = self.road.restarts
        answer = await super().ask(method, path, headers, body)
        if answer.status or (restarts == self.road.restarts and self.road.served.is_set()):
            return answer
        # As the platform's router answers while there is no server behind it.
        await self.road.served.wait()
        return Answer(answer.began, time.monotonic(), 503, httpx.Headers({"Retry-After": "1"}), "no server")

    async def _leave(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Hang up within moments, as a closed tab does, and return when the server has seen that."""
        reader, writer = await self.connect()
        try:
            writer.write(request_of(method, path, headers, body))
            await asyncio.sleep(self.chance.uniform(0, self.chance.choice(MOMENTS)) / 1000)
            # To the server it is the same as a connection that is closed; and here its own end of it can be waited for.
            writer.write_eof()
            async with asyncio.timeout(PATIENCE):
                await reader.read()
        finally:
            writer.close()

    async def _dawdle(self, what: str, probability: float) -> None:
        if self.chance.random() < probability:
            self.road.counts[what] += 1
            await asyncio.sleep(self.chance.uniform(0, LONGEST))
