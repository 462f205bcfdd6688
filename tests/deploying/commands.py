"""The commands that files and pages tell people and platforms to run, read by the very parser that runs them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from webapp.__main__ import _parser

ROOT = Path(__file__).parents[2]
OURS = re.compile(r"python3? -m webapp(?P<words>(?: [^\n`|;&#]*)?)")


def ours_in(text: str) -> Iterator[list[str]]:
    """Find each ``python -m webapp ...`` and give its words."""
    for match in OURS.finditer(text):
        yield shlex.split(match["words"])


def parses(words: list[str]) -> bool:
    """Tell whether there is such a command, with these arguments."""
    try:
        _parser().parse_args(words)
    except SystemExit:
        return False
    return True


def procfile() -> dict[str, str]:
    """Read the Procfile: the command of each kind of process."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {kind.strip(): command.strip() for kind, _, command in (line.partition(":") for line in lines)}
