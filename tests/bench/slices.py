"""Slices of load: what a page takes of the server's processor and of Redis, while no other server is asked.

They are short, and come often: whoever else has the machine makes the same work take half as long again, for a quarter
of a second or for ten, and what is compared has to be measured within that. Nor does Node forget, in a second without
work, what it has compiled.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from bench.asking import HEADS, Heads, request
from bench.contestants import SESSIONS, Contestant, Field
from bench.load import Crowd
from bench.processes import processor_time_of
from own_redis import StandaloneRedis

Shown = Literal["page", "visitor"]
SHOWN: tuple[Shown, ...] = ("page", "visitor")
MICROSECONDS = 1_000_000
# Seconds of load before the first slice: Node compiles what is called often.
WARM = 1.0
# Seconds in which a server has done what it leaves for after an answer.
AFTER = 0.005
# How many cycles are told of at a time.
TELLING = 10
# What a look at Redis's statistics is counted as itself, or came before.
LOOKS = {"info", "config|resetstat", "config", "ping", "select", "hello", "client|setinfo", "client"}


class Cell(NamedTuple):
    """What is measured once in each cycle."""

    name: str
    shown: Shown
    heads: Heads


@dataclass(frozen=True, slots=True)
class Slice:
    """What a page took: microseconds of processors, commands of Redis; and the pages that came in a second."""

    work: float
    redis: float
    commands: dict[str, float]
    rate: float
    size: float


@dataclass(frozen=True, slots=True)
class Slices:
    """Those of all cycles, by cell."""

    of: dict[Cell, list[Slice]] = field(default_factory=lambda: defaultdict(list))

    def work(self, name: str, shown: Shown, heads: Heads) -> list[float]:
        """Give for each cycle the microseconds that a page took its server."""
        return [each.work for each in self.of[Cell(name, shown, heads)]]


def pairs_of(contestants: Sequence[Contestant]) -> list[tuple[Contestant, Heads]]:
    """Name all whose two pages are measured in a cycle."""
    return [(each, heads) for each in contestants for heads in HEADS]


async def measure(site: Field, cycles: int, seconds: float, tell: Callable[[str], None]) -> Slices:
    """Measure each cell once in a cycle, in another order each time, but a page right beside its visitor's."""
    pairs, slices = pairs_of(site.contestants), Slices()
    crowds = {Cell(each.name, shown, heads): _crowd(each, shown, heads) for each, heads in pairs for shown in SHOWN}
    try:
        # So that nobody's first pages are in a slice: all that is compiled or opened once.
        for crowd in crowds.values():
            await crowd.read(WARM)
        for cycle in range(cycles):
            if cycle % TELLING == 0:
                tell(f"cycles {cycle + 1} to {min(cycle + TELLING, cycles)} of {cycles}")
            for contestant, heads in random.sample(pairs, len(pairs)):
                for shown in random.sample(SHOWN, len(SHOWN)):
                    cell = Cell(contestant.name, shown, heads)
                    slices.of[cell].append(await _slice(contestant, crowds[cell], site.redis, seconds))
    finally:
        for crowd in crowds.values():
            crowd.close()
    return slices


def _crowd(contestant: Contestant, shown: Shown, heads: Heads) -> Crowd:
    is_page = shown == "page"
    cookies = contestant.cookies if is_page else [""] * SESSIONS
    path = contestant.page if is_page else contestant.visitor
    return Crowd(contestant.port, [request(contestant.port, path, each, heads) for each in cookies])


async def _slice(contestant: Contestant, crowd: Crowd, redis: StandaloneRedis, seconds: float) -> Slice:
    await crowd.connect()
    redis.cli("CONFIG", "RESETSTAT")
    before, asked = processor_time_of(contestant.process), processor_time_of(redis._process)
    read = await crowd.read(seconds)
    # What a page leaves to be done after it is its work too.
    await asyncio.sleep(AFTER)
    page = MICROSECONDS / read.count
    work = (processor_time_of(contestant.process) - before) * page
    redis_work = (processor_time_of(redis._process) - asked) * page
    commands = {name: calls / read.count for name, calls in calls_of(redis).items()}
    if read.size < contestant.size:
        raise RuntimeError(f"{contestant.name} gave {read.size:.0f} bytes instead of a page.")
    return Slice(work, redis_work, commands, read.count / read.seconds, read.size)


def calls_of(redis: StandaloneRedis) -> dict[str, int]:
    """Give how often each command was called since the statistics were reset, those inside scripts too."""
    said = redis.cli("INFO", "commandstats")
    calls = {name.removeprefix("cmdstat_"): int(told["calls"]) for name, told in said.items()}
    return {name: count for name, count in calls.items() if name not in LOOKS}
