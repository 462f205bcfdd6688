"""What thousands of open streams cost: memory, the time until one of them is told, and pages for everybody else."""

import asyncio
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from bench.house import PRODUCTION, House, house
from bench.people import Member, People, people_of
from bench.processes import memory_of, processor_time_of
from bench.reading import Reader, read_for
from bench.table import Row
from bench.wire import OpenPage, close_pages, open_pages, request
from pages import ORIGIN

from webapp.server.files import with_files_for_streams

HOST = ORIGIN.partition("://")[2]
# What is promised (issue 6): kilobytes, milliseconds, and the part of the pages that are still served.
MOST_MEMORY, MOST_WAIT, LEAST_PAGES = 60, 250, 0.9
# People who read pages at the same time, each on a connection of their own.
READERS = 16
# Seconds that a server is left alone before its memory is looked at.
SETTLE = 2.0
# Streams that are opened and left before that, so that what is made once and kept is no part of the difference.
FIRST = 20
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: open ``streams``, ``ends`` a second for ``seconds``, and ``rounds`` of reading pages."""

    streams: int
    ends: int
    seconds: int
    rounds: int
    slice: float

    @property
    def victims(self) -> int:
        """How many streams are ended; they are open beside the others."""
        return self.ends * self.seconds


@dataclass(frozen=True, slots=True)
class Served:
    """Pages in a second, and the seconds of a processor that each one took the server."""

    rate: float
    work: float


Tell = Callable[[str], None]
# The same slice of the server with streams, and of the one without.
Pair = tuple[Served, Served]


class Trial:
    """One server with all the streams, and another one without any, beside it."""

    def __init__(self, plan: Plan, busy: House, quiet: House, tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._busy, self._quiet = busy, quiet

    async def run(self) -> list[Row]:
        """Measure everything, one after the other."""
        plan = self._plan
        async with people_of(self._busy.settings) as here, people_of(self._quiet.settings) as there:
            self._tell(f"{plan.streams + plan.victims} devices are signed in")
            crowd = await here.let_in(plan.streams + plan.victims)
            readers, others = crowd[:READERS], await there.let_in(READERS)
            # Both are the same program still.
            self._tell("pages are read on two servers without streams")
            alike = await self._pages(readers, others)
            self._tell(f"{plan.streams} streams are opened")
            memory, pages = await self._memory(crowd[: plan.streams])
            more = await open_pages(HOST, self._busy.port, crowd[plan.streams :])
            self._tell(f"{plan.victims} sessions are ended")
            waits = await self._waits(here, crowd[plan.streams :], more)
            self._tell("pages are read with the streams and without")
            beside = await self._pages(readers, others)
            await close_pages([*pages, *more])
        return [memory, waits, _row_of_pages(plan.streams, alike, beside)]

    async def _memory(self, members: Sequence[Member]) -> tuple[Row, list[OpenPage]]:
        process = self._busy.server._process.pid
        await close_pages(await open_pages(HOST, self._busy.port, members[:FIRST]))
        await asyncio.sleep(SETTLE)
        before, began = memory_of(process), time.perf_counter()
        pages = await open_pages(HOST, self._busy.port, members)
        took = time.perf_counter() - began
        await asyncio.sleep(SETTLE)
        after = memory_of(process)
        each = (after - before) / len(pages)
        beside = f"{before / 1000:.0f} MB without any, {after / 1000:.0f} MB with all; opened in {took:.1f} s"
        what = f"memory of one of {len(pages)} open streams"
        return Row(what, f"{each:.1f} kB", f"≤ {MOST_MEMORY} kB", each <= MOST_MEMORY, beside), pages

    async def _waits(self, people: People, victims: Sequence[Member], pages: Sequence[OpenPage]) -> Row:
        # This process is to measure the server's pauses, and make none of its own.
        gc.collect()
        gc.disable()
        due = time.perf_counter() + 1
        pairs = enumerate(zip(victims, pages, strict=True))
        ends = (_end(people, each, page, due + place / self._plan.ends) for place, (each, page) in pairs)
        waits = sorted(MILLISECONDS * wait for wait in await asyncio.gather(*ends))
        gc.enable()
        p50, p99 = (statistics.quantiles(waits, n=100)[place - 1] for place in (50, 99))
        what = f"from an end to its page, p99 at {self._plan.ends} ends/s, beside {self._plan.streams} open streams"
        beside = f"p50 {p50:.1f} ms, slowest {waits[-1]:.0f} ms, {len(waits)} ends"
        return Row(what, f"{p99:.0f} ms", f"< {MOST_WAIT} ms", p99 < MOST_WAIT, beside)

    async def _pages(self, busy: Sequence[Member], quiet: Sequence[Member]) -> list[Pair]:
        """Read pages of both, slice by slice in turn; who comes first changes as well."""
        pairs = []
        for number in range(self._plan.rounds):
            if number % 2:
                without, beside = await self._read(self._quiet, quiet), await self._read(self._busy, busy)
            else:
                beside, without = await self._read(self._busy, busy), await self._read(self._quiet, quiet)
            pairs.append((beside, without))
        return pairs

    async def _read(self, at: House, members: Sequence[Member]) -> Served:
        asked = [request(HOST, "/dashboard", "text/html", member.cookie) for member in members]
        process = at.server._process.pid
        before = processor_time_of(process)
        read = await read_for(self._plan.slice, at.port, [partial(Reader, cycle([each])) for each in asked])
        return Served(read.count / read.seconds, (processor_time_of(process) - before) / read.count)


async def measure_streams(plan: Plan, tell: Tell) -> list[Row]:
    """Start the servers and measure all that concerns thousands of streams; ``tell`` is told what is done."""
    most = plan.streams + plan.victims
    with ExitStack() as stack:
        busy, quiet = (stack.enter_context(house(PRODUCTION, SESSION_STREAMS=str(most))) for _ in range(2))
        # This process needs as many files as the server.
        if with_files_for_streams(busy.settings).session_streams < most:
            raise RuntimeError(f"The limit on open files (ulimit -n) is too low for {most} streams.")
        return await Trial(plan, busy, quiet, tell).run()


async def _end(people: People, member: Member, page: OpenPage, due: float) -> float:
    """End a session at the moment ``due``, and give the seconds from then until its page was told."""
    await asyncio.sleep(due - time.perf_counter())
    await people.end(member)
    return await page.closed - due


def _row_of_pages(streams: int, alike: Sequence[Pair], beside: Sequence[Pair]) -> Row:
    ratio, control = (statistics.median(busy.rate / quiet.rate for busy, quiet in pairs) for pairs in (beside, alike))
    busy, quiet = (statistics.median(served.rate for served in side) for side in zip(*beside, strict=True))
    work = statistics.median(busy.work / quiet.work for busy, quiet in beside)
    numbers = f"{busy:.0f} and {quiet:.0f} pages/s, {work:.2f} of the processor time a page; before: {control:.2f}"
    what = f"/dashboard beside {streams} open streams, as a part of what is served without any"
    return Row(what, f"{ratio:.2f}", f"≥ {LEAST_PAGES}", ratio >= LEAST_PAGES, numbers)
