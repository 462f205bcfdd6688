"""How many passwords one process may hash at once.

One hash takes 64 MiB, so a rush of sign-ins could take all memory of a small machine. The rule: as many as keep the
processors busy, of which each has several lanes for, as long as all of them together take no more than a quarter of the
memory; never less than one, never more than four. More would be done no sooner: beside each other two take twice as
long. A Heroku dyno with 512 MB, eight processors and one process hashes two at once, with two processes one each.
One processor is not counted, since it is left to the pages (workers.py).
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# The rest belongs to the processes themselves, which take about 100 MB each.
MEMORY_SHARE = 4
# More than this many at once would only keep the processors from the pages.
MOST = 4

ROOT = Path("/")


def hashes_at_once(memory_each: int, lanes: int, processes: int = 1, root: Path = ROOT) -> int:
    """Tell how many hashes of ``memory_each`` bytes one of ``processes`` equal processes may compute at once.

    Each is computed by ``lanes`` processors, where there are as many. ``root`` is where the system's files are looked
    for; tests bring their own.
    """
    fitting = memory_limit(root) // MEMORY_SHARE // processes // memory_each
    return max(1, min(fitting, -(-hashing_processors() // lanes), MOST))


def memory_limit(root: Path = ROOT) -> int:
    """Give the bytes of memory that this process may use: what the machine has, or what its control group allows."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_group_limits(root)])


def _group_limits(root: Path) -> Iterator[int]:
    for file in _limit_files(root):
        # "max", an empty file and a missing one all say that this group sets no limit.
        if (text := _read(file).strip()).isdigit():
            yield int(text)


def _limit_files(root: Path) -> Iterator[Path]:
    groups = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        # Version 2 has one tree, whose line names no controllers; version 1 has a tree for memory alone.
        if not controllers:
            yield from _upwards(groups, path, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _upwards(groups / "memory", path, "memory.limit_in_bytes")


def _upwards(tree: Path, path: str, name: str) -> Iterator[Path]:
    # Any group above ours may be the narrowest. In a container the path can be the host's, which is not to be seen
    # from inside: then only the tree's top exists, and that is the container's own group.
    inside = PurePosixPath(path.lstrip("/"))
    for group in (inside, *inside.parents):
        yield tree / group / name


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def hashing_processors() -> int:
    """Tell how many may hash: all but one, which is left to the pages, and that one where there is no other."""
    return max(1, processors() - 1)


def processors() -> int:
    """Tell how many there are for this process."""
    # On Linux the processors that this process may use, which can be fewer than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
