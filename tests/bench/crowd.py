"""Twenty people who sign in at the same moment: what the pages of all others wait, and what memory that takes."""

import asyncio
import gc
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.house import PRODUCTION, House, house
from bench.noise import Figure, ratio
from bench.paced import Line, Pace, line_to
from bench.people import PASSWORD, people_of
from bench.processes import resident_of
from bench.streams import HOST
from bench.table import Part, Row
from bench.wire import request
from pages import ORIGIN, token_in

from webapp.accounts.passwords import PasswordHasher
from webapp.wiring import connect_services

TITLE = "Twenty sign-ins at once"
# What is promised (issue 7): parts of the quiet value, milliseconds, megabytes.
MOST_OF_QUIET, MOST_WAIT, MOST_GROWTH = 2, 60, 150
# "Shrinks again": of what it has grown by, the part that it may still hold a moment later.
MOST_KEPT = 0.5
KILO = 1000
RATE, READERS = 100, 16
# Hashes that are made side by side before it begins, seconds between two looks at the memory, and until the last one.
AT_ONCE, LOOK, LATER = 2, 0.02, 4.0
# Seconds for which pages are read while nobody signs in.
QUIET = 2.0
# A network's each.
ADDRESS = "127.0.3.{}"


@dataclass
class Seen:
    """What was seen: pages' waits in milliseconds, by round, and the server's memory in kilobytes."""

    quiet: list[list[float]] = field(default_factory=list)
    crowded: list[list[float]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    refused: int = 0
    before: int = 0
    most: int = 0
    later: int = 0


async def measure_crowd(people: int, rounds: int, tell: Callable[[str], None], *, quiet: float = QUIET) -> Part:
    """Let so many people in at once, so often; before each round there are as many ``quiet`` seconds."""
    with house(PRODUCTION) as site:
        tell(f"{people} accounts are opened")
        emails = await _accounts(site, people)
        async with people_of(site.settings) as others:
            readers = [request(HOST, "/dashboard", "text/html", each.cookie) for each in await others.let_in(READERS)]
        pace, seen = Pace(site.port, RATE, readers), Seen()
        # So that the first round finds open connections, compiled templates, and the workers of the hashes.
        await _during(pace, 1)
        await _burst(site.port, emails[:2])
        await _during(pace, 1)
        process = site.server._process.pid
        seen.before = resident_of(process)
        for number in range(rounds):
            tell(f"{people} people sign in, {number + 1} of {rounds}")
            await _quietly(site, pace, quiet, seen)
            await _round(site, pace, emails, seen)
        await asyncio.sleep(LATER)
        seen.later, seen.refused = resident_of(process), len(pace.refused)
    return Part(TITLE, _rows(people, seen))


async def _accounts(site: House, count: int) -> list[str]:
    """Open accounts whose passwords are hashed as in production."""
    turn = asyncio.Semaphore(AT_ONCE)
    async with connect_services(site.settings, PasswordHasher()) as services:

        async def opened(number: int) -> str:
            async with turn:
                email = f"grace.{number}@example.test"
                await services.accounts.register(email, "Grace Hopper", PASSWORD)
                return email

        return await asyncio.gather(*map(opened, range(count)))


async def _during(pace: Pace, seconds: float) -> list[float]:
    gc.collect()
    pace.start()
    await asyncio.sleep(seconds)
    return await pace.stop()


async def _quietly(site: House, pace: Pace, seconds: float, seen: Seen) -> None:
    # Watched as well, since to watch takes time too.
    async with _watched(site, seen):
        seen.quiet.append(await _during(pace, seconds))


async def _round(site: House, pace: Pace, emails: Sequence[str], seen: Seen) -> None:
    forms = await _forms(site.port, emails)
    gc.collect()
    async with _watched(site, seen):
        pace.start()
        await asyncio.sleep(0.2)
        began = time.perf_counter()
        seen.statuses += await _send(forms)
        seen.took.append(time.perf_counter() - began)
        seen.crowded.append(await pace.stop())


@asynccontextmanager
async def _watched(site: House, seen: Seen) -> AsyncIterator[None]:
    watch = asyncio.create_task(_watch(site.server._process.pid, seen))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _watch(process: int, seen: Seen) -> None:
    while True:
        seen.most = max(seen.most, resident_of(process))
        await asyncio.sleep(LOOK)


async def _burst(port: int, emails: Sequence[str]) -> list[str]:
    return await _send(await _forms(port, emails))


async def _forms(port: int, emails: Sequence[str]) -> list[tuple[Line, bytes]]:
    """Open the form for each, and write what its button sends, on the line on which the form came."""
    return [await _form(port, email, ADDRESS.format(2 + place)) for place, email in enumerate(emails)]


async def _form(port: int, email: str, local: str) -> tuple[Line, bytes]:
    line = await line_to(port, local)
    head, _, body = (await line.ask(request(HOST, "/login", "text/html", "none=none"))).decode().partition("\r\n\r\n")
    given = [each.partition(":")[2] for each in head.split("\r\n") if each.lower().startswith("set-cookie:")]
    cookies = "; ".join(each.partition(";")[0].strip() for each in given)
    fields = urlencode({"csrf_token": token_in(body), "email": email, "password": PASSWORD, "remember": "y"})
    lines = [
        "POST /login HTTP/1.1",
        f"Host: {HOST}",
        f"Origin: {ORIGIN}",
        f"Cookie: {cookies}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(fields)}",
    ]
    return line, "\r\n".join([*lines, "", fields]).encode()


async def _send(forms: Sequence[tuple[Line, bytes]]) -> list[str]:
    """Press all buttons at once, and give the statuses of the answers."""
    answers = await asyncio.gather(*(line.ask(post) for line, post in forms))
    for line, _ in forms:
        line.close()
    return [answer.split(b" ", 2)[1].decode() for answer in answers]


def _p99(waits: Sequence[float]) -> float:
    return statistics.quantiles(waits, n=100, method="inclusive")[98]


def _rows(people: int, seen: Seen) -> list[Row]:
    what = f"while {people} sign in"
    return [*_waits(what, seen), *_memory(what, seen)]


def _waits(what: str, seen: Seen) -> list[Row]:
    quiet, crowded = ([_p99(waits) for waits in side] for side in (seen.quiet, seen.crowded))
    # Of all rounds together, since the 99th of a hundred pages is a single one.
    middle, least = (_p99([wait for waits in side for wait in waits]) for side in (seen.crowded, seen.quiet))
    part, wait = Figure(ratio(crowded, quiet), given=middle / least), Figure(crowded, given=middle)
    count = sum(map(len, seen.crowded))
    told = f"{middle:.0f} and {least:.0f} ms at {RATE} pages/s, {count} pages, noise ±{part.noise:.2f}"
    # A page that was refused came quickly, and is none.
    all_shown = not seen.refused
    told += "" if all_shown else f", {seen.refused} refused"
    let_in, away = (sum(status == which for status in seen.statuses) for which in ("303", "503"))
    signed = f"{let_in} let in, {away} asked to come again, within {max(seen.took):.1f} s"
    within, quick = part.middle <= MOST_OF_QUIET, middle < MOST_WAIT
    # Where pages take that long while nobody signs in, others have this machine.
    busy = least >= MOST_WAIT
    named = f"p99 of a signed-in page {what}"
    return [
        Row(
            f"{named}, as a part of its quiet value",
            f"{part.middle:.2f}",
            f"≤ {MOST_OF_QUIET}",
            all_shown and within,
            told,
            busy or part.is_near(MOST_OF_QUIET),
        ),
        Row(
            named, f"{middle:.0f} ms", f"< {MOST_WAIT} ms", all_shown and quick, signed, busy or wait.is_near(MOST_WAIT)
        ),
    ]


def _memory(what: str, seen: Seen) -> list[Row]:
    before, most, later = (each / KILO for each in (seen.before, seen.most, seen.later))
    grown, kept = most - before, max(later - before, 0)
    part = kept / grown if grown > 0 else 0
    return [
        Row(
            f"memory that the server grows by {what}",
            f"{grown:.0f} MB",
            f"≤ {MOST_GROWTH} MB",
            grown <= MOST_GROWTH,
            f"{before:.0f} MB before, {most:.0f} MB at most",
        ),
        Row(
            f"what it holds of that {LATER:.0f} s later",
            f"{part:.0%}",
            f"≤ {MOST_KEPT:.0%}",
            part <= MOST_KEPT,
            f"{later:.0f} MB",
        ),
    ]
