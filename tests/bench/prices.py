"""What a signed-in page costs, and what of that is the session's price, beside the same of the field."""

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.asking import HEADS, Heads
from bench.contestants import EXPRESS, FASTIFY, PRODUCT, QUART, field
from bench.load import loader
from bench.noise import Figure, drift, ratio
from bench.slices import Cell, Slices, measure
from bench.table import Part, Row, in_markdown

TITLE = "A signed-in page, and the price of its session"
# What is promised (issue 7), as parts of others in the same cycle; a page's calls of Redis, and its microseconds there.
MOST_OF_EXPRESS, MOST_OF_FASTIFY, MOST_OF_QUART, AIM_OF_QUART, MOST_OF_VISITOR = 1, 1, 0.7, 0.6, 1.25
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
            slices = measure(site, cycles, seconds, tell)
            names = [each.name for each in site.contestants]
            rows = [row for heads in HEADS for row in _ratios(slices, heads, site.absent)]
            rows += [row for heads in HEADS for row in _redis(slices, heads)]
            return Part(TITLE, rows, _notes(slices, names, site.absent, cycles))


def _ratios(slices: Slices, heads: Heads, absent: dict[str, str]) -> list[Row]:
    page, visitor = slices.work(PRODUCT, "page", heads), slices.work(PRODUCT, "visitor", heads)
    price = slices.price(PRODUCT, heads)
    others = [
        (EXPRESS, f"< {MOST_OF_EXPRESS}", MOST_OF_EXPRESS),
        (FASTIFY, f"≤ {MOST_OF_FASTIFY}, the aim", MOST_OF_FASTIFY),
    ]
    twice = _prices_alike(slices, heads)
    rows = []
    for name, bound, most in others:
        what = f"price of the session as a part of {name}'s, {HEADERS[heads]}"
        if name in absent:
            rows.append(Row(what, "-", bound, None, absent[name]))
            continue
        theirs = slices.price(name, heads)
        figure = Figure(ratio(price, theirs), twice, given=statistics.median(price) / statistics.median(theirs))
        beside = f"{_spread(price)} and {_spread(theirs)} us"
        rows.append(_row(what, figure, bound, most, beside, below=name == EXPRESS))
    quart = slices.work(QUART, "page", heads)
    alike = _alike(slices, heads)
    return [
        *rows,
        _row(
            f"signed-in page as a part of plain Quart's, {HEADERS[heads]}",
            Figure(ratio(page, quart), alike),
            f"≤ {MOST_OF_QUART}, aim {AIM_OF_QUART}",
            MOST_OF_QUART,
            f"{_spread(page)} and {_spread(quart)} us",
        ),
        _row(
            f"signed-in page as a part of our visitor's, {HEADERS[heads]}",
            Figure(ratio(page, visitor), alike),
            f"≤ {MOST_OF_VISITOR}",
            MOST_OF_VISITOR,
            f"{_spread(page)} and {_spread(visitor)} us",
        ),
    ]


def _row(what: str, figure: Figure, bound: str, most: float, beside: str, *, below: bool = False) -> Row:
    within = figure.middle < most if below else figure.middle <= most
    low, high = figure.quartiles
    beside = f"{beside}; quartiles {low:.2f} to {high:.2f}, noise ±{figure.noise:.2f}"
    return Row(what, f"{figure.middle:.2f}", bound, within, beside, figure.is_near(most))


def _redis(slices: Slices, heads: Heads) -> list[Row]:
    ours = [each for turn in (0, 1) for each in slices.of[Cell(PRODUCT, "page", heads, turn)]]
    calls = statistics.median(sum(each.commands.get(name, 0) for name in SCRIPTS) for each in ours)
    writes = Figure([sum(count for name, count in each.commands.items() if name not in READS) for each in ours])
    work = Figure([each.redis for each in ours])
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
            "quartiles {:.0f} to {:.0f} us".format(*work.quartiles),
            work.is_near(MOST_REDIS),
        ),
    ]


def _alike(slices: Slices, heads: Heads) -> list[float]:
    one, other = ([each.work for each in slices.of[Cell(PRODUCT, "page", heads, turn)]] for turn in (0, 1))
    return ratio(one, other)


def _prices_alike(slices: Slices, heads: Heads) -> list[float]:
    prices = [
        [
            page.work - visitor.work
            for page, visitor in zip(
                slices.of[Cell(PRODUCT, "page", heads, turn)],
                slices.of[Cell(PRODUCT, "visitor", heads, turn)],
                strict=True,
            )
        ]
        for turn in (0, 1)
    ]
    return ratio(*prices)


def _commands(slices: Slices, name: str, heads: Heads) -> dict[str, float]:
    every = slices.of[Cell(name, "page", heads)]
    names = {command for each in every for command in each.commands}
    counts = {command: statistics.median(each.commands.get(command, 0) for each in every) for command in names}
    return {command: count for command, count in counts.items() if _count(count) != "0"}


def _count(count: float) -> str:
    return f"{count:.2f}".rstrip("0").rstrip(".")


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.0f}"


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
        f"Medians of {cycles} cycles, one slice of each row in a cycle, in another order each time; the load is "
        f"{loader()}'s. The microseconds are what a page takes of a processor, in all processes of its server. "
        "*Changes by* is how far the page's figure goes from one cycle to the next: less than that between rows says "
        "nothing. "
        "*Noise* is half of what lies between the quartiles of a ratio, or how far our own page is from itself in the "
        f"same cycle, whichever is more.{missing}"
    )
    return f"{in_markdown(lines)}\n\n{said}"


def _absolute(slices: Slices, name: str, heads: Heads) -> tuple[str, ...]:
    page, visitor = slices.work(name, "page", heads), slices.work(name, "visitor", heads)
    every = slices.of[Cell(name, "page", heads)]
    rate, size, redis = (
        statistics.median(value) for value in zip(*((e.rate, e.size, e.redis) for e in every), strict=True)
    )
    commands = " ".join(
        f"{command}:{_count(count)}" for command, count in sorted(_commands(slices, name, heads).items())
    )
    figures = (statistics.median(each) for each in (visitor, page, slices.price(name, heads)))
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
