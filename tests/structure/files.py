"""The files of the repository that are ours."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Written by tools or by others, and never edited by hand.
NOT_OURS = ("requirements", "static/vendor/", "docs/screenshots/")


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that git keeps, or would keep; none that it ignores."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in found.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def ours(*suffixes: str) -> list[Path]:
    """Return our own files with these suffixes."""
    return [path for path in tracked() if path.suffix in suffixes and not name_of(path).startswith(NOT_OURS)]


def name_of(path: Path) -> str:
    """Return a file's name as it is written in this repository."""
    return path.relative_to(ROOT).as_posix()
