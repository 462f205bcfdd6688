"""The names in a letter: of the person that it greets, and of the device that it tells of."""

import re
from ipaddress import ip_address
from unicodedata import bidirectional, category

# What mail programs make a link of, or a telephone number. Anybody can open an account with somebody else's address
# and a message instead of a name, and our letter would carry it there.
NO_NAME = re.compile(r"[/:@\\]|\w\.\w|\d{4}|www", re.IGNORECASE)
# The same of what a browser calls itself: its owner signs in to such an account with it. Many models are numbers, but
# none of as many digits as a telephone's.
NO_DEVICE = re.compile(r"[/:@\\]|\w\.\w|www|(\d.*){7}", re.IGNORECASE)
NAMELESS_DEVICE = "A program"
# All that is said of a device where nobody has proven the address: words that its owner cannot choose freely.
PLAIN_BROWSERS = frozenset(
    {
        "Brave",
        "Chrome",
        "Chromium",
        "Edge",
        "Firefox",
        "Internet Explorer",
        "Opera",
        "Safari",
        "Samsung Internet",
        "Unknown browser",
        "Vivaldi",
    }
)
PLAIN_SYSTEM = re.compile(
    r"Windows( 1[01])?|macOS( \d\d)?|Linux|Ubuntu|Debian|Fedora|ChromeOS|Android|iOS|iPhone|iPad", re.ASCII
)
# First-strong isolate and its end: what is between them is set by its own direction, and the line around it by its.
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL", "AN"}


def greeting_names(name: str) -> dict[str, str]:
    """Give the name to greet somebody by, for HTML and for text; empty where it is more than a name."""
    plain = " ".join("".join(char for char in name if char == " " or category(char) not in {"Cc", "Cs"}).split())
    if NO_NAME.search(plain):
        plain = ""
    return {"name": plain, "name_in_text": _isolated(plain)}


def device_names(label: str, *, proven: bool) -> dict[str, str]:
    """Give what a device says that it is, for HTML and for text, unless that is more than a name.

    Where it is not ``proven`` that the account's owner reads the mail, nothing that anybody could have chosen.
    """
    plain = _plain(label, proven=proven)
    return {"device": plain, "device_in_text": _isolated(plain)}


def whereabouts(where: str, *, proven: bool) -> str:
    """Give the same of a device that has its address behind it: ``Firefox on Linux, 203.0.113.7``."""
    label, _, address = where.rpartition(", ")
    if not label or not _is_address(address):
        return _plain(where, proven=proven)
    return f"{_plain(label, proven=proven)}, {address}"


def _plain(label: str, *, proven: bool) -> str:
    if proven:
        return NAMELESS_DEVICE if NO_DEVICE.search(label) else label
    browser, _, system = label.partition(" on ")
    if browser not in PLAIN_BROWSERS:
        return NAMELESS_DEVICE
    return label if PLAIN_SYSTEM.fullmatch(system) else browser


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _isolated(name: str) -> str:
    if any(bidirectional(char) in RIGHT_TO_LEFT for char in name):
        return f"{ISOLATE}{name}{END_OF_ISOLATE}"
    return name
