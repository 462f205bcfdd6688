"""How one value of the environment is read.

Each function takes the text and gives the value, or raises ValueError with the rest of a sentence that begins with
the variable's name and says what would be right.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, TypeVar

from maxminddb import InvalidDatabaseError, open_database

T = TypeVar("T")

# A shorter key could be searched for; 32 characters of base64 are 192 bits.
SECRET_MIN_LENGTH = 32
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
# Browsers cut a cookie's life at 400 days (RFC 6265bis, 5.5); a longer session could not be kept.
LONGEST_DURATION = 400 * UNITS["d"]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds."""

    times: int
    seconds: int


def environment(text: str) -> Literal["development", "production"]:
    """Read APP_ENV."""
    if text == "development":
        return "development"
    if text == "production":
        return "production"
    raise ValueError(f"is {text!r}; it is development or production.")


def secret(text: str) -> str:
    """Read a key that signs cookies; never shown in the message."""
    # Python reads a byte that is not UTF-8 as a lone surrogate, which cannot be encoded again.
    if re.search(r"[\ud800-\udfff]", text):
        raise ValueError("holds bytes that are not UTF-8; write letters and digits.")
    if len(text) < SECRET_MIN_LENGTH:
        raise ValueError(f"has {len(text)} characters; it needs {SECRET_MIN_LENGTH} or more, random ones.")
    if len(set(text)) < SECRET_MIN_LENGTH // 4:
        raise ValueError("repeats a few characters; it needs random ones.")
    return text


def duration(text: str) -> int:
    """Read ``90s``, ``30m``, ``12h``, ``30d`` or plain seconds into whole seconds."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd]?)", text)
    if match is None or not 0 < (seconds := int(match[1]) * UNITS[match[2]]) <= LONGEST_DURATION:
        raise ValueError(f"is {text!r}; write a duration such as 90s, 30m, 12h or 30d, 400d at the most.")
    return seconds


def rate(text: str) -> Rate:
    """Read ``5/15m``: five times in fifteen minutes."""
    times, slash, window = text.partition("/")
    if not slash or not re.fullmatch(r"[1-9][0-9]{0,5}", times):
        raise ValueError(f"is {text!r}; write how often in which time, such as 5/15m.")
    return Rate(int(times), duration(window))


def whole(least: int, most: int) -> Callable[[str], int]:
    """Give a reader of whole numbers from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"is {text!r}; write a whole number from {least} to {most}.")
        return int(text)

    return read


def boolean(text: str) -> bool:
    """Read ``true`` or ``false``."""
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"is {text!r}; it is true or false.")
    return text.lower() == "true"


def listed(read: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Give a reader of comma-separated values; empty places are passed over."""

    def read_all(text: str) -> tuple[T, ...]:
        return tuple(read(part.strip()) for part in text.split(",") if part.strip())

    return read_all


def trusted_proxy(text: str) -> str | int:
    """Read whose forwarding headers are believed: a platform's name or a number of hops."""
    if text in {"none", "heroku", "render"}:
        return text
    if re.fullmatch(r"[1-9]", text):
        return int(text)
    raise ValueError(f"is {text!r}; it is none, heroku, render, or the number of proxies in front (1 to 9).")


def network(text: str) -> IPv4Network | IPv6Network:
    """Read a network in CIDR form."""
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError(f"holds {text!r}; write networks such as 10.0.0.0/8, fd00::/8.") from None


def places_file(text: str) -> Path | None:
    """Read the path of a file in MaxMind's format, if any, and make sure that it is one; ``places`` opens it."""
    if not text:
        return None
    try:
        open_database(text).close()
    except (OSError, InvalidDatabaseError) as error:
        why = error.strerror if isinstance(error, OSError) else "not of that format, or damaged"
        raise ValueError(f"is {text!r}; name a file in MaxMind's format, .mmdb ({why}).") from None
    return Path(text)
