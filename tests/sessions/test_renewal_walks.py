"""One browser with a bad network, for hours: parallel requests, answers late or lost, and it is never signed out.

Nor where its requests come from two networks in turn, as those of a telephone at the edge of a Wi-Fi do.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random

import pytest
from session_world import ADDRESS, World

WALKS, BURSTS = 8, 40
# Seconds that a request or an answer is under way at most: together less than the minute that the server allows for.
UNDER_WAY = 25
# Between two bursts of requests: somebody reads, is away for a coffee, or for lunch.
PAUSES = (1, 7, 30, 61, 61, 90, 300, 601, 2400)
# Where it is: at home, or at home and on the road.
NETWORKS = {"one network": (ADDRESS,), "two networks": (ADDRESS, "2001:db8::7")}


@dataclass
class Browser:
    """What a browser holds, and what is on its way from and to it; ``lots`` draws all that is left to chance."""

    world: World
    cookie: str
    lots: Random
    networks: tuple[str, ...]
    now: int = 0
    seen: set[str] = field(default_factory=set)
    _order: Iterator[int] = field(default_factory=count)
    _events: list[tuple[int, int, str, str]] = field(default_factory=list)

    async def wander(self) -> None:
        """Send bursts of requests until all was answered."""
        moment = 0
        for _ in range(BURSTS):
            moment += self.lots.choice(PAUSES)
            for _ in range(self.lots.randint(1, 4)):
                self._plan(moment + self.lots.randint(0, 3), "send", "")
        while self._events:
            moment, _, kind, token = heappop(self._events)
            served = [token] if kind == "serve" else []
            # Those that arrive in the same second are served at once.
            while served and self._events and self._events[0][0] == moment and self._events[0][2] == "serve":
                served.append(heappop(self._events)[3])
            if moment > self.now:
                await self.world.age(self.cookie, moment - self.now)
                self.now = moment
            if kind == "send":
                self._plan(moment + self.lots.randint(0, UNDER_WAY), "serve", self.cookie)
            elif kind == "receive":
                self.cookie = token
            await asyncio.gather(*(self._serve(shown) for shown in served))

    async def _serve(self, shown: str) -> None:
        address = self.networks[0] if len(self.networks) == 1 else self.lots.choice(self.networks)
        resumed = await self.world.service.resume(shown, address=address)
        assert resumed is not None, f"out after {self.now} s"
        cookie = resumed.cookie
        if self.lots.random() < 0.1 and cookie in {None, shown}:
            # The password was given.
            cookie = await self.world.service.offer(shown, address=address) or cookie
        self.seen.add(shown)
        if cookie and self.lots.random() < 0.7:
            self._plan(self.now + self.lots.randint(0, UNDER_WAY), "receive", cookie)

    def _plan(self, moment: int, kind: str, token: str) -> None:
        heappush(self._events, (moment, next(self._order), kind, token))


@pytest.mark.parametrize("where", NETWORKS)
@pytest.mark.parametrize("remember", [False, True])
@pytest.mark.parametrize("touch", [5, 60])
async def test_browser_with_a_bad_network_is_never_signed_out(world: World, where: str, *, remember: bool, touch: int):
    world = world.touching(touch)

    async def walk(seed: int) -> int:
        started = await world.sign_in(world.person(), remember=remember)
        browser = Browser(world, started.token, Random(f"{seed} {remember} {touch}"), NETWORKS[where])
        try:
            await browser.wander()
        except AssertionError as error:
            error.add_note(f"in the walk of seed {seed}")
            raise
        return len(browser.seen)

    secrets = await asyncio.gather(*(walk(seed) for seed in range(WALKS)))

    # It was renewed all the time.
    assert min(secrets) > 5
