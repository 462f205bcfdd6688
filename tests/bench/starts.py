"""How long the server takes from its start to its first page, and what its processes hold when nobody comes."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bench.asking import ask
from bench.contestants import HTTP_OK, guarded
from bench.house import PRODUCTION, House, house
from bench.processes import sizes_of, with_descendants
from bench.streams import HOST
from bench.table import Part, Row
from gatehouse import ROOT, STOP_SECONDS
from ports import free_port

TITLE = "Start and rest"
# What is promised (issue 7): seconds, and megabytes of each process.
MOST_SECONDS, MOST_MEGABYTES = 1.5, 80
KILO = 1000
WORKERS = (1, 2)
# Seconds between two tries, until which it has to answer, and after which it is at rest.
PAUSE, PATIENCE, REST = 0.01, 45, 1.5


def measure_starts(times: int, tell: Callable[[str], None]) -> Part:
    """Start it so many times, with its Redis and its database there; then look at what it holds."""
    rows = []
    with house(PRODUCTION) as site:
        for workers in WORKERS:
            tell(f"the server is started {times} times with WEB_CONCURRENCY={workers}")
            starts = [_started(site, workers) for _ in range(times)]
            rows += _rows(workers, [took for took, _ in starts], starts[-1][1])
    return Part(TITLE, rows)


def _started(site: House, workers: int) -> tuple[float, list[tuple[int, int]]]:
    """Give the seconds until the first page, and the kilobytes of each process, its own part and all of it."""
    port = free_port()
    environment = {**site.server._environment, "PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    with site.server._log_file.open("ab") as log:
        began = time.perf_counter()
        process = guarded([sys.executable, "-m", "webapp", "serve"], environment, log.fileno(), ROOT)
    try:
        _await_page(process, port)
        took = time.perf_counter() - began
        time.sleep(REST)
        # The first is the shell that guards the others.
        return took, [sizes_of(each) for each in with_descendants(process.pid)[1:]]
    finally:
        process.communicate(timeout=STOP_SECONDS)


def _await_page(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if ask(port, "/login", host=HOST)[0] == HTTP_OK:
                return
        except OSError:
            time.sleep(PAUSE)
    raise RuntimeError("The server did not start.")


def _rows(workers: int, starts: list[float], sizes: list[tuple[int, int]]) -> list[Row]:
    took = statistics.median(starts)
    names = ["supervisor", *["worker"] * (len(sizes) - 1)] if len(sizes) > 1 else ["process"]
    told = "; ".join(
        f"{name} {own / KILO:.0f} MB, {resident / KILO:.0f} with all of what it shares"
        for name, (own, resident) in zip(names, sizes, strict=True)
    )
    # What several processes share counts for each by its part, as it does for whoever pays for the memory of all.
    largest = max(own for own, _ in sizes) / KILO
    told += f"; {sum(own for own, _ in sizes) / KILO:.0f} MB in all"
    beside = f"fastest {min(starts):.2f} s, slowest {max(starts):.2f} s, {len(starts)} starts"
    with_workers = f"WEB_CONCURRENCY={workers}"
    return [
        Row(
            f"from the start to the first page, {with_workers}",
            f"{took:.2f} s",
            f"< {MOST_SECONDS} s",
            took < MOST_SECONDS,
            beside,
            min(starts) < MOST_SECONDS < max(starts),
        ),
        Row(
            f"memory of the largest process at rest, {with_workers}",
            f"{largest:.0f} MB",
            f"< {MOST_MEGABYTES} MB",
            largest < MOST_MEGABYTES,
            told,
        ),
    ]
