"""What was measured, as a table in Markdown."""

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import node
from own_redis import any_binary

HEADS = ("what", "measured", "bound", "", "beside it")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ``within`` tells whether it is where it has to be, None that it could not be measured.

    ``beside`` are the absolute numbers, or why there are none. ``noisy`` says that the bound is so near that another
    run may come out on its other side.
    """

    what: str
    measured: str
    bound: str
    within: bool | None
    beside: str
    noisy: bool = False

    @property
    def verdict(self) -> str:
        """The word for all that."""
        if self.within is None:
            return "not measured"
        return ("pass" if self.within else "FAIL") + (", within noise" if self.noisy else "")


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the measuring came to: its rows, and what stands below their table."""

    title: str
    rows: Sequence[Row]
    notes: str = ""

    def __str__(self) -> str:
        return "\n\n".join(each for each in (f"## {self.title}", table(self.rows), self.notes) if each)


def table(rows: Sequence[Row]) -> str:
    """Give a row for each figure."""
    cells = [
        HEADS,
        (":--", "--:", "--:", ":--", ":--"),
        *((row.what, row.measured, row.bound, row.verdict, row.beside) for row in rows),
    ]
    return in_markdown(cells)


def in_markdown(cells: Iterable[Sequence[str]]) -> str:
    """Write cells, of which the second line says how each column stands."""
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def machine() -> str:
    """Tell in one line when and on what was measured."""
    said = subprocess.run([any_binary(), "--version"], check=True, capture_output=True, text=True).stdout
    redis = said.partition("v=")[2].partition(" ")[0]
    nodes = f", Node {node.version()}" if node.version() else ""
    today = datetime.now(UTC).date()
    processors = f"{today}: {os.cpu_count()} processors ({platform.system()}, {platform.machine()})"
    return f"{processors}, Python {platform.python_version()}, Redis {redis}{nodes}."
