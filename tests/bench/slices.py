"""Slices of load: what a page takes of the server's processor and of Redis, while no other server is asked."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from bench.asking import HEADS, Heads, request
from bench.contestants import ON_NODE, PRODUCT, SESSIONS, Contestant, Field
from bench.load import Came, send
from bench.processes import processor_time_of
from own_redis import StandaloneRedis

Shown = Literal["page", "visitor"]
SHOWN: tuple[Shown, ...] = ("page", "visitor")
MICROSECONDS = 1_000_000
# Our own pages are measured twice in each cycle: what differs then, is noise.
TURNS = 2
# Node forgets, while it rests, what it has compiled; without these seconds it would look slower than it is.
WARM = 1.0
# A server is at rest when it works for less than this part of a moment, and is waited for at most so many moments.
MOMENT, REST, MOMENTS = 0.05, 0.1, 40
# What a look at Redis's statistics is counted as itself, or came before.
LOOKS = {"info", "config|resetstat", "config", "ping", "select", "hello", "client|setinfo", "client"}


class Cell(NamedTuple):
    """What is measured once in each cycle."""

    name: str
    shown: Shown
    heads: Heads
    turn: int = 0


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
    """Those of all cycles, by cell, and how much of a processor others took meanwhile in each."""

    of: dict[Cell, list[Slice]] = field(default_factory=lambda: defaultdict(list))

    def work(self, name: str, shown: Shown, heads: Heads) -> list[float]:
        """Give for each cycle the microseconds that a page took its server; the mean of a cycle's turns."""
        turns = [[each.work for each in slices] for cell, slices in self.of.items() if cell[:3] == (name, shown, heads)]
        return [sum(works) / len(works) for works in zip(*turns, strict=True)]

    def price(self, name: str, heads: Heads) -> list[float]:
        """Give for each cycle what the page takes more than a visitor's does: the price of the session."""
        pairs = zip(self.work(name, "page", heads), self.work(name, "visitor", heads), strict=True)
        return [page - visitor for page, visitor in pairs]


def cells_of(contestants: Sequence[Contestant]) -> list[Cell]:
    """Name all that is measured in a cycle."""
    pairs = [(each.name, turn) for each in contestants for turn in range(TURNS if each.name == PRODUCT else 1)]
    return [Cell(name, shown, heads, turn) for name, turn in pairs for shown in SHOWN for heads in HEADS]


def measure(site: Field, cycles: int, seconds: float, tell: Callable[[str], None]) -> Slices:
    """Measure each cell once in a cycle, in another order each time."""
    by_name = {each.name: each for each in site.contestants}
    cells, slices = cells_of(site.contestants), Slices()
    # So that nobody's first pages are in a slice: all that is compiled or opened once.
    for cell in cells:
        if not cell.turn:
            _load(by_name[cell.name], cell, site.folder, WARM)
    for cycle in range(cycles):
        tell(f"cycle {cycle + 1} of {cycles}")
        random.shuffle(cells)
        for cell in cells:
            slices.of[cell].append(_slice(by_name[cell.name], cell, site, seconds))
    return slices


def _slice(contestant: Contestant, cell: Cell, site: Field, seconds: float) -> Slice:
    if contestant.name in ON_NODE:
        _load(contestant, cell, site.folder, WARM)
    _rest(contestant.process)
    site.redis.cli("CONFIG", "RESETSTAT")
    before, redis = processor_time_of(contestant.process), processor_time_of(site.redis._process)
    came = _load(contestant, cell, site.folder, seconds)
    # What is under way when the load ends is this slice's work too.
    _rest(contestant.process)
    work = processor_time_of(contestant.process) - before
    asked = processor_time_of(site.redis._process) - redis
    commands = {name: calls / came.served for name, calls in calls_of(site.redis).items()}
    page, rate = MICROSECONDS / came.served, came.pages / came.seconds
    return Slice(work * page, asked * page, commands, rate, came.size)


def _load(contestant: Contestant, cell: Cell, folder: Path, seconds: float) -> Came:
    is_page = cell.shown == "page"
    cookies = contestant.cookies if is_page else [""] * SESSIONS
    path = contestant.page if is_page else contestant.visitor
    came = send(
        contestant.port, [request(contestant.port, path, each, cell.heads) for each in cookies], folder, seconds
    )
    # wrk takes a redirection to the sign-in for an answer as good as any.
    if came.size < contestant.size:
        raise RuntimeError(f"{contestant.name} gave {came.size:.0f} bytes instead of a page.")
    return came


def calls_of(redis: StandaloneRedis) -> dict[str, int]:
    """Give how often each command was called since the statistics were reset, those inside scripts too."""
    said = redis.cli("INFO", "commandstats")
    calls = {name.removeprefix("cmdstat_"): int(told["calls"]) for name, told in said.items()}
    return {name: count for name, count in calls.items() if name not in LOOKS}


def _rest(process: int) -> None:
    for _ in range(MOMENTS):
        before = processor_time_of(process)
        time.sleep(MOMENT)
        if processor_time_of(process) - before <= REST * MOMENT:
            return
