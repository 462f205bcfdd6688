"""Tables on a terminal: plain text, columns aligned, times in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime

GAP = "  "


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align ``rows`` below ``heads``. The last column is free text and may be of any width."""
    cells = [list(heads), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "\n".join(lines)


def moment(seconds: int) -> str:
    """Write a moment (Unix seconds) in UTC, so that lines sort by it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def printable(text: str) -> str:
    """Replace what a terminal would obey instead of show: names and devices are strangers' text."""
    return "".join(char if char.isprintable() else "?" for char in text)
