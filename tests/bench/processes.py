"""What a server's processes take of the machine: memory, and the time of its processors; from Linux's /proc."""

import os
from pathlib import Path

# Of the lines in /proc/<process>/smaps_rollup. A page that several processes share counts for each by its part.
SHARE = "Pss:"
# Of the words in /proc/<process>/stat that come after the program's name: its own time, in the kernel and outside it.
TIMES = slice(11, 13)
TICKS = os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> int:
    """Give the kilobytes that a process takes with all that it has started, shared pages counted once."""
    return sum(_share(each) for each in _with_descendants(process))


def processor_time_of(process: int) -> float:
    """Give the seconds that a process has worked so far, with all that it has started."""
    return sum(_time(each) for each in _with_descendants(process))


def _with_descendants(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in _with_descendants(int(child)))]


def _share(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(SHARE)) * 1024 // 1000


def _time(process: int) -> float:
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[TIMES])) / TICKS
