"""How one value of the environment is read.

Each function takes the text and gives the value, or raises ValueError with the rest of a sentence that begins with
the variable's name and says what would be right.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

T = TypeVar("T")

# A shorter key could be searched for; 32 characters of base64 are 192 bits.
SECRET_MIN_LENGTH = 32
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
# Browsers cut a cookie's life at 400 days (RFC 6265bis, 5.5); a longer session could not be kept.
LONGEST_DURATION = 400 * UNITS["d"]

REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
MAIL_SCHEMES = ("smtp", "smtps", "file")


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


def redis_url(text: str) -> str:
    """Check the form of a Redis address; it is opened by ``redis_connection``."""
    parts = _split(text, REDIS_SCHEMES)
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError("names no socket; write unix:///path/to/redis.sock.")
    elif not parts.netloc.rpartition("@")[2]:
        raise ValueError(f"names no host; write {parts.scheme}://host:port.")
    if parts.scheme == "redis+sentinel" and not parts.path.strip("/"):
        raise ValueError("names no service; write redis+sentinel://host:port,host:port/service/db.")
    return text


def database_url(text: str) -> str:
    """Check the form of a database address; it is opened by ``database``."""
    parts = _split(text, DATABASE_SCHEMES)
    if not parts.path.strip("/"):
        raise ValueError(f"names no {'file' if parts.scheme == 'sqlite' else 'database'}; {_DATABASE_FORMS}")
    return text


_DATABASE_FORMS = "write sqlite:///path or postgresql://user:password@host/name."


def mail_url(text: str) -> str:
    """Check the form of a mail server's address; an empty one means that mail is kept as files."""
    if text:
        _split(text, MAIL_SCHEMES)
    return text


def origin(text: str) -> str:
    """Read the one origin of the site, without path; scheme and host in lower case, no default port."""
    parts = _split(text, ("http", "https"))
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"is {text!r}; write the origin alone, such as https://example.com.")
    if not parts.hostname.isascii():
        raise ValueError(f"is {text!r}; write the host as it stands in the Host header, in punycode (xn--...).")
    # One host: no list of them, no white space.
    if not re.fullmatch(r"[a-z0-9._:-]+", parts.hostname):
        raise ValueError(f"is {text!r}; write one origin, such as https://example.com.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in {None, default} else ""
    return f"{parts.scheme}://{host}{port}"


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


def _split(text: str, schemes: tuple[str, ...]) -> SplitResult:
    # The text may hold a password, so no message repeats it.
    try:
        parts = urlsplit(text)
        _ = parts.port if "," not in parts.netloc else None
    except ValueError:
        raise ValueError("is not an address that can be read.") from None
    if parts.scheme not in schemes:
        raise ValueError(f"starts with {parts.scheme or 'nothing'}://; it starts with {_either(schemes)}.")
    return parts


def _either(schemes: tuple[str, ...]) -> str:
    return ", ".join(f"{scheme}://" for scheme in schemes)
