"""Load: as many pages as a server gives to 64 connections that are kept, with the cookies of as many people in turn.

    PYTHONPATH=.:tests python -m bench.load PORT SECONDS REQUESTS

It runs wrk where there is one. Else it runs itself, which is slower: but what is measured is the processor time of a
page, and that hardly depends on how many of them are asked for in a second. No loader of PyPI sends prepared requests
in turn.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

from bench import cores
from bench.reading import Reader, read_for

CONNECTIONS = 64
FOUND = shutil.which("wrk")
SCRIPT = Path(__file__).with_name("load.lua")
TESTS = Path(__file__).parents[1]
# What both loaders say at the end: answers, microseconds, bytes, errors.
CAME = "CAME "
# Where a request ends; none of these has a body.
END = b"\r\n\r\n"
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Came:
    """What was answered: how many pages, in how many seconds, of how many bytes each with its head.

    ``served`` is what the server had to work for: on each connection one more page, which nobody waited for when the
    time was over. It makes them all the same (Redis counts as many), and are one in eight of a slow server's second.
    """

    pages: int
    seconds: float
    size: float

    @property
    def served(self) -> int:
        """The pages that were answered, and those that were under way at the end."""
        return self.pages + CONNECTIONS


def loader() -> str:
    """Name what ``send`` sends with."""
    return "wrk" if FOUND else "our own loader (there is no wrk here)"


def send(port: int, requests: Sequence[bytes], folder: Path, seconds: float) -> Came:
    """Send requests in turn to a port of this computer, for so many seconds; ``folder`` takes a file for a moment.

    wrk takes whole seconds, and one at least. Raises RuntimeError when anything is not answered as it should be.
    """
    file = folder / "requests"
    file.write_bytes(b"".join(requests))
    own = [sys.executable, "-m", "bench.load", str(port), str(seconds), str(file)]
    with cores.on(cores.OTHERS):
        done = subprocess.run(
            _words(FOUND, port, seconds) if FOUND else own,
            env={**os.environ, "PYTHONPATH": f"{TESTS}", "REQUESTS": str(file)},
            capture_output=True,
            text=True,
            check=False,
        )
    said = next((line for line in done.stdout.splitlines() if line.startswith(CAME)), None)
    if said is None:
        raise RuntimeError(f"The loader failed: {done.stdout}{done.stderr}")
    pages, took, size, errors = map(int, said.removeprefix(CAME).split())
    if errors or not pages:
        raise RuntimeError(f"Of {pages} pages {errors} went wrong.")
    return Came(pages, took / MICROSECONDS, size / pages)


def _words(wrk: str, port: int, seconds: float) -> list[str]:
    kept = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    return [wrk, *kept, "-s", str(SCRIPT), f"http://127.0.0.1:{port}"]


class Counter(Reader):
    """Counts the bytes too."""

    size = 0

    def data_received(self, data: bytes) -> None:
        """See what has come."""
        self.size += len(data)
        super().data_received(data)


async def _send(port: int, seconds: float, requests: Sequence[bytes]) -> str:
    counters: list[Counter] = []

    def counter(first: int) -> Counter:
        # Each connection begins with another person.
        counters.append(Counter(cycle([*requests[first:], *requests[:first]])))
        return counters[-1]

    starts = [partial(counter, place % len(requests)) for place in range(CONNECTIONS)]
    read = await read_for(seconds, port, starts)
    size = sum(each.size for each in counters)
    return f"{CAME}{read.count} {read.seconds * MICROSECONDS:.0f} {size} 0\n"


def main() -> int:
    """Send what the command line names; returns the exit status."""
    port, seconds, file = sys.argv[1:]
    requests = [each + END for each in Path(file).read_bytes().split(END) if each]
    sys.stdout.write(asyncio.run(_send(int(port), float(seconds), requests)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
