"""What pages and letters say alike: the site's name, times and counts. Moments are Unix seconds, shown in UTC."""

from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from time import gmtime, strftime

SITE_NAME = "Gatehouse"

MINUTE, HOUR, DAY = 60, 3600, 86400
# Of our own, and never in the language that a machine is set to.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))


# Who looks at a page looks at the next one too, and sees the same moments on it.
@lru_cache(maxsize=1024)
def iso(moment: int) -> str:
    """Write ``moment`` for machines (ISO 8601)."""
    # Of the time module, here and below: a datetime and its formatting take 1 to 3 us more, ten times on the dashboard.
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(moment))


@lru_cache(maxsize=1024)
def exact(moment: int) -> str:
    """Write ``moment`` out: ``20 November 2026, 14:02 UTC``."""
    when = gmtime(moment)
    return f"{when.tm_mday} {MONTHS[when.tm_mon - 1]} {when.tm_year}, {when.tm_hour:02}:{when.tm_min:02} UTC"


def day(moment: int) -> str:
    """Write the day out: ``20 November 2026``."""
    when = gmtime(moment)
    return f"{when.tm_mday} {MONTHS[when.tm_mon - 1]} {when.tm_year}"


def clock(moment: int) -> str:
    """Write the time of that day: ``14:02 UTC``."""
    when = gmtime(moment)
    return f"{when.tm_hour:02}:{when.tm_min:02} UTC"


def ago(moment: int, now: int) -> str:
    """Say how long before ``now`` it was; clocks that disagree a little do not make it the future."""
    passed = now - moment
    return "just now" if passed < MINUTE else f"{roughly(passed)} ago"


def until(moment: int, now: int) -> str:
    """Say how long after ``now`` it will be."""
    left = moment - now
    return "now" if left <= 0 else f"in {nearly(left)}"


def roughly(seconds: int) -> str:
    """Say a length of time in its largest unit, rounded down: ``3 minutes``."""
    for size, name in UNITS:
        if seconds >= size:
            return counted(seconds // size, name)
    return counted(0, "second")


def lasting(length: timedelta) -> str:
    """Say the same of a length that is no number."""
    return roughly(int(length.total_seconds()))


def nearly(seconds: int) -> str:
    """Say a length of time in its largest unit, rounded to the nearest: a second short of an hour is an hour."""
    for (size, name), (smaller, _) in pairwise(UNITS):
        if seconds + smaller // 2 >= size:
            return counted((seconds + size // 2) // size, name)
    return counted(seconds, "second")


def in_full(seconds: int) -> str:
    """Say a length of time exactly: ``1 hour and 30 minutes``. What people are promised is not rounded."""
    parts = []
    for size, name in UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(counted(number, name))
    return " and ".join(", ".join(parts).rsplit(", ", 1)) or counted(0, "second")


def wait(seconds: int) -> str:
    """Say how long to wait, rounded up, so that coming back then is never too early."""
    unit = next(size for size, _ in UNITS if seconds >= size or size == 1)
    return roughly(-(-seconds // unit) * unit)


def counted(number: int, noun: str) -> str:
    """Write ``1 device``, ``2 devices``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
