"""The name that a letter greets."""

import re
from unicodedata import bidirectional, category

# What mail programs make a link of, or a telephone number. Anybody can open an account with somebody else's address
# and a message instead of a name, and our letter would carry it there.
NO_NAME = re.compile(r"[/:@\\]|\w\.\w|\d{4}|www", re.IGNORECASE)
# First-strong isolate and its end: what is between them is set by its own direction, and the line around it by its.
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL", "AN"}


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
