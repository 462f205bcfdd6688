"""What was measured, as a table in Markdown."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from own_redis import any_binary

HEADS = ("what", "measured", "bound", "", "beside it")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ``within`` tells whether it is where it has to be; ``beside`` are the absolute numbers."""

    what: str
    measured: str
    bound: str
    within: bool
    beside: str


def table(rows: Sequence[Row]) -> str:
    """Give a row for each figure."""
    cells = [
        HEADS,
        (":--", "--:", "--:", ":--", ":--"),
        *((row.what, row.measured, row.bound, "pass" if row.within else "FAIL", row.beside) for row in rows),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def machine() -> str:
    """Tell in one line what was measured on."""
    said = subprocess.run([any_binary(), "--version"], check=True, capture_output=True, text=True).stdout
    redis = said.partition("v=")[2].partition(" ")[0]
    processors = f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()})"
    return f"{processors}, Python {platform.python_version()}, Redis {redis}."
