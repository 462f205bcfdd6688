"""What a server's processes take of the machine: memory, and the time of its processors; as Linux tells."""

import os
import time
from pathlib import Path

# Of the lines in /proc/<process>/smaps_rollup. A page that several processes share counts for each by its part.
SHARE, RESIDENT = "Pss:", "Rss:"
PAGE = os.sysconf("SC_PAGE_SIZE")
# The last bits of the name of a process's clock that counts what the scheduler gave it (clock_getcpuclockid(3)).
SCHEDULED = 0b010


def memory_of(process: int) -> int:
    """Give the kilobytes that a process takes with all that it has started, shared pages counted once."""
    return sum(_kilobytes(each, SHARE) for each in with_descendants(process))


def resident_of(process: int) -> int:
    """Give the kilobytes of memory that a process and all that it has started hold; what they share counts for each."""
    return sum(_pages(each) for each in with_descendants(process)) * PAGE // 1000


def sizes_of(process: int) -> tuple[int, int]:
    """Give the kilobytes that a process takes, without what it has started: with its part of shared pages, with all."""
    return _kilobytes(process, SHARE), _kilobytes(process, RESIDENT)


def processor_time_of(process: int) -> float:
    """Give the seconds that a process has worked so far, with all that it has started."""
    return sum(_time(each) for each in with_descendants(process))


def with_descendants(process: int) -> list[int]:
    """Name a process, and all that it has started and that is still there."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in with_descendants(int(child)))]


def _kilobytes(process: int, kind: str) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) * 1024 // 1000


def _pages(process: int) -> int:
    # Far quicker than the other file, which has the kernel walk through all of them.
    return int(Path(f"/proc/{process}/statm").read_text().split()[1])


def _time(process: int) -> float:
    # To the nanosecond, with threads that have ended; /proc tells hundredths of a second.
    return time.clock_gettime(~process << 3 | SCHEDULED)
