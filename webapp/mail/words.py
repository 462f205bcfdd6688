"""Moments, lengths of time and names in the words of a letter. All moments are Unix seconds, told in UTC."""

import re
from datetime import UTC, datetime
from unicodedata import bidirectional, category

MINUTE, HOUR, DAY = 60, 3600, 86400
UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))

# What mail programs make a link of, or a telephone number. Anybody can open an account with somebody else's address
# and a message instead of a name, and our letter would carry it there.
NO_NAME = re.compile(r"[/:@\\]|\w\.\w|\d{4}|www", re.IGNORECASE)
# First-strong isolate and its end: what is between them is set by its own direction, and the line around it by its.
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL", "AN"}


def exact(moment: int) -> str:
    """Write ``moment`` out: ``20 November 2026, 14:02 UTC``."""
    when = datetime.fromtimestamp(moment, UTC)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def nearly(seconds: int) -> str:
    """Say a length of time in its largest unit, rounded to the nearest: ``30 minutes``, ``7 days``."""
    size, name = next((unit for unit in UNITS if seconds + MINUTE // 2 >= unit[0]), UNITS[-1])
    number = max(1, (seconds + size // 2) // size)
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def greeting_names(name: str) -> dict[str, str]:
    """Give the name to greet somebody by, for HTML and for text; empty where it is more than a name."""
    plain = " ".join("".join(char for char in name if char == " " or category(char) not in {"Cc", "Cs"}).split())
    if NO_NAME.search(plain):
        plain = ""
    return {"name": plain, "name_in_text": _isolated(plain)}


def _isolated(name: str) -> str:
    if any(bidirectional(char) in RIGHT_TO_LEFT for char in name):
        return f"{ISOLATE}{name}{END_OF_ISOLATE}"
    return name
