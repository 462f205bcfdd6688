"""What a signed-in page costs, and what of that is the session's price, beside the same of the field."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import cores
from bench.asking import HEADS, Heads
from bench.contestants import EXPRESS, FASTIFY, PRODUCT, QUART, field
from bench.noise import Estimate, Figure, drift, estimate, more, part
from bench.slices import SHOWN, Cell, Slices, measure
from bench.table import Part, Row, in_markdown

TITLE = "A signed-in page, and the price of its session"
# What is promised (issue 7), as parts of others in the same cycle; a page's calls of Redis, and its microseconds there.
PRICES = {EXPRESS: ("< 1", 1), FASTIFY: ("≤ 1, the aim", 1)}
MOST_OF_QUART, AIM_OF_QUART, MOST_OF_VISITOR = 0.7, 0.6, 1.25
MOST_CALLS, MOST_REDIS = 1, 60
# "Nothing most of the time": with SESSION_TOUCH at 60 s a session that is never left alone is written once a minute.
MOST_WRITES = 0.02
SCRIPTS = ("evalsha", "eval", "fcall", "evalsha_ro", "fcall_ro")
READS = {
    *SCRIPTS,
    "get",
    "mget",
    "hget",
    "hmget",
    "hgetall",
    "hlen",
    "hkeys",
    "exists",
    "time",
    "ttl",
    "pttl",
    "zscore",
    "zrange",
}
HEADERS: dict[Heads, str] = {"bare": "two headers", "browser": "a browser's headers"}


def measure_prices(cycles: int, seconds: float, tell: Callable[[str], None], *, with_node: bool = True) -> Part:
    """Measure ours and the field's in turn; ``tell`` is told what is done."""
    with TemporaryDirectory(prefix="gatehouse-") as folder:
        tell("four servers are started")
        with field(Path(folder), with_node=with_node) as site:
            with cores.on(cores.OTHERS):
                slices = asyncio.run(measure(site, cycles, seconds, tell))
            names = [each.name for each in site.contestants]
            rows = [row for heads in HEADS for row in _ratios(slices, heads, site.absent)]
            rows += [row for heads in HEADS for row in _redis(slices, heads)]
            return Part(TITLE, rows, _notes(slices, names, site.absent, cycles))


def _ratios(slices: Slices, heads: Heads, absent: dict[str, str]) -> list[Row]:
    page, visitor = slices.work(PRODUCT, "page", heads), slices.work(PRODUCT, "visitor", heads)
    quart = slices.work(QUART, "page", heads)
    return [
        _price(slices, heads, EXPRESS, absent),
        _price(slices, heads, FASTIFY, absent),
        _row(
            f"signed-in page as a part of plain Quart's, {HEADERS[heads]}",
            estimate(part, page, quart),
            f"≤ {MOST_OF_QUART}, aim {AIM_OF_QUART}",
            MOST_OF_QUART,
            f"{median(page):.0f} and {median(quart):.0f} us",
        ),
        _row(
            f"signed-in page as a part of our visitor's, {HEADERS[heads]}",
            estimate(part, page, visitor),
            f"≤ {MOST_OF_VISITOR}",
            MOST_OF_VISITOR,
            f"{median(page):.0f} and {median(visitor):.0f} us",
        ),
    ]


def _price(slices: Slices, heads: Heads, name: str, absent: dict[str, str]) -> Row:
    bound, most = PRICES[name]
    what = f"price of the session as a part of {name}'s, {HEADERS[heads]}"
    if name in absent:
        return Row(what, "-", bound, None, absent[name])
    works = [slices.work(each, shown, heads) for each in (PRODUCT, name) for shown in SHOWN]
    beside = f"{more(*works[:2]):.0f} and {more(*works[2:]):.0f} us"
    return _row(what, estimate(_part_of_price, *works), bound, most, beside, below=name == EXPRESS)


def _part_of_price(*works: Sequence[float]) -> float:
    return more(*works[:2]) / more(*works[2:])


def _row(what: str, figure: Estimate, bound: str, most: float, beside: str, *, below: bool = False) -> Row:
    within = figure.middle < most if below else figure.middle <= most
    beside = f"{beside}; nine of ten draws {figure.low:.2f} to {figure.high:.2f}"
    return Row(what, f"{figure.middle:.2f}", bound, within, beside, figure.is_near(most))


def _redis(slices: Slices, heads: Heads) -> list[Row]:
    ours = slices.of[Cell(PRODUCT, "page", heads)]
    calls = median(sum(each.commands.get(name, 0) for name in SCRIPTS) for each in ours)
    writes = Figure([sum(count for name, count in each.commands.items() if name not in READS) for each in ours])
    work = estimate(median, [each.redis for each in ours])
    said = ", ".join(f"{name} {_count(count)}" for name, count in sorted(_commands(slices, PRODUCT, heads).items()))
    # A look of the server's own, once in a while, is no page's.
    one = f"{calls:.2f}"
    return [
        Row(f"scripts that a page has Redis run, {HEADERS[heads]}", one, "≤ 1", float(one) <= MOST_CALLS, said),
        Row(
            f"writes of a page to Redis, {HEADERS[heads]}",
            f"{writes.middle:.3f}",
            f"≤ {MOST_WRITES}",
            writes.middle <= MOST_WRITES,
            "in the median of the slices; SESSION_TOUCH is 60 s",
        ),
        Row(
            f"a page's time of Redis's processor, {HEADERS[heads]}",
            f"{work.middle:.0f} us",
            f"≤ {MOST_REDIS} us",
            work.middle <= MOST_REDIS,
            f"nine of ten draws {work.low:.0f} to {work.high:.0f} us",
            work.is_near(MOST_REDIS),
        ),
    ]


def _commands(slices: Slices, name: str, heads: Heads) -> dict[str, float]:
    every = slices.of[Cell(name, "page", heads)]
    names = {command for each in every for command in each.commands}
    counts = {command: median(each.commands.get(command, 0) for each in every) for command in names}
    return {command: count for command, count in counts.items() if _count(count) != "0"}


def _count(count: float) -> str:
    return f"{count:.2f}".rstrip("0").rstrip(".")


def _notes(slices: Slices, names: Sequence[str], absent: dict[str, str], cycles: int) -> str:
    heads = (
        "server",
        "headers",
        "visitor us",
        "page us",
        "price us",
        "changes by",
        "pages/s",
        "bytes",
        "Redis us",
        "commands",
    )
    lines = [heads, (":--", ":--", *["--:"] * 7, ":--")]
    lines += [_absolute(slices, name, each) for name in names for each in HEADS]
    missing = "".join(f" {name} was not measured: {reason}." for name, reason in absent.items())
    said = (
        f"One slice of each row in each of {cycles} cycles, in another order each time, but a page right beside its "
        "visitor's. The microseconds are what a page takes of a processor, in all processes of its server; *changes "
        "by* is how far the page's figure goes from one cycle to the next. All are medians; ratios and prices are "
        "worked out within each cycle. *Draws* are as many cycles taken at random from those that were measured, some "
        f"twice and some not, and the figure that they give: a bound between their ends is within noise.{missing}"
    )
    return f"{in_markdown(lines)}\n\n{said}"


def _absolute(slices: Slices, name: str, heads: Heads) -> tuple[str, ...]:
    page, visitor = slices.work(name, "page", heads), slices.work(name, "visitor", heads)
    every = slices.of[Cell(name, "page", heads)]
    rate, size, redis = (median(value) for value in zip(*((e.rate, e.size, e.redis) for e in every), strict=True))
    commands = " ".join(
        f"{command}:{_count(count)}" for command, count in sorted(_commands(slices, name, heads).items())
    )
    figures = (median(visitor), median(page), more(page, visitor))
    return (
        name,
        heads,
        *(f"{each:.0f}" for each in figures),
        f"{drift(page):.0%}",
        f"{rate:.0f}",
        f"{size:.0f}",
        f"{redis:.0f}",
        commands,
    )
