"""``make bench``: measures what the issues promise of speed and size, on real servers, and prints tables.

    PYTHONPATH=.:tests python -m bench [--only WORD | --all] [--write docs/bench.md] [--cycles 50]
        [--slice-of-pages 0.08] [--sessions 1000000] [--small 10000] [--accounts 240] [--people 20] [--rushes 5]
        [--starts 5] [--streams 5000] [--ends 100] [--seconds 15] [--rounds 10] [--slice 2] [--screens 50]

It takes about four minutes on two processors; what concerns streams and screens takes as long again, and
is measured where that is asked for.
Exits with 1 only where something could not be measured: a bound that is missed is told in the table.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.crowd import measure_crowd
from bench.prices import measure_prices
from bench.screens import measure_screens
from bench.starts import measure_starts
from bench.store import measure_store
from bench.streams import Plan, measure_streams
from bench.table import Part, machine

# What --only may name; the last two are left out where nothing is named.
PRICES, STORE, CROWD, STARTS, STREAMS, SCREENS = "prices", "store", "crowd", "starts", "streams", "screens"
PARTS = (PRICES, STORE, CROWD, STARTS, STREAMS, SCREENS)
LONG = {STREAMS, SCREENS}
QUIET = 0.5

PAGE = """# Speed and size

`make bench` starts the real server with a Redis and a PostgreSQL of its own, lets people in, and measures what is
promised. Where two variants are compared, they are measured in the same run, slice by slice in turn, and the figure is
the median of the ratios; the absolute numbers beside it are of this machine. This is what one run of it showed
(`make bench BENCH_ARGS="--all --write docs/bench.md"`). What it means stands in [performance.md](performance.md).

{machine}

{parts}

## How to read it

- **within noise**: the bound is so near that another run may come out on its other side.
- **The price of the session** is what our dashboard takes of the server's processor more than the same page for a
  visitor, with the same guards. The others have two routes each that show one page of 4 kB, with their session and
  without it.
- **Memory of an open stream** is what the server's processes take (`Pss`) with all streams open, less what they took
  before, for each stream. Whoever chooses SESSION_STREAMS divides the memory that a process can spare by the bound.
- **From the end of a session to its page**: the sessions are ended as by another process, at a fixed rate, and each is
  counted from the moment that it was due; the answer counts when it has arrived at the client's socket. Clients,
  server, Redis and PostgreSQL share the processors.
- **Pages beside streams** are read by 16 people on two servers, of which one holds the streams, each of which is
  breathing: it says something every 20 s. "Before" is the same ratio when neither held any. On a busy machine the
  processor time that a page takes the server says more than the rate.
- **The changed screen** is the first paint of the page that says why, by the browser's own clock.
"""


def main() -> int:
    """Run what the command line asks for, and return the exit status."""
    arguments, began = _arguments(), time.monotonic()
    before = f"{machine()} {_load()}"
    print(before, flush=True)
    parts = []
    for measured in _measured(arguments):
        print(f"\n{measured}", flush=True)
        parts.append(str(measured))
    _tell(f"measured in {time.monotonic() - began:.0f} s")
    if arguments.write:
        arguments.write.write_text(PAGE.format(machine=before, parts="\n\n".join(parts)), encoding="utf-8")
    return 0


def _measured(arguments: argparse.Namespace) -> Iterator[Part]:
    ways: dict[str, Callable[[], Part]] = {
        PRICES: lambda: measure_prices(arguments.cycles, arguments.slice_of_pages, _tell),
        STORE: lambda: asyncio.run(measure_store(arguments.sessions, arguments.small, arguments.accounts, _tell)),
        CROWD: lambda: asyncio.run(measure_crowd(arguments.people, arguments.rushes, _tell)),
        STARTS: lambda: measure_starts(arguments.starts, _tell),
        STREAMS: lambda: Part("Open streams", asyncio.run(measure_streams(_plan(arguments), _tell))),
        SCREENS: lambda: Part("Screens", asyncio.run(measure_screens(arguments.screens, _tell))),
    }
    for name, measure in ways.items():
        if arguments.only in name if arguments.only else arguments.all or name not in LONG:
            yield measure()


def _plan(arguments: argparse.Namespace) -> Plan:
    return Plan(**{name: getattr(arguments, name) for name in Plan.__slots__})


def _load() -> str:
    """Tell what else this machine was doing: that is the most of all noise."""
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    busy = "" if load < QUIET else "; others were working on this machine, so trust ratios alone"
    return f"Load of each processor before it began: {load:.1f}{busy}."


def _tell(what: str) -> None:
    # Not into the table, which may go to a file.
    print(f"{what} ...", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what Gatehouse promises.")
    parser.add_argument("--only", default="", help=f"only what has this in its name: {', '.join(PARTS)}")
    parser.add_argument("--all", action="store_true", help="streams and screens too")
    parser.add_argument("--write", type=Path, help="a file to write the tables to, as a page")
    add = parser.add_argument
    add("--cycles", type=int, default=50, help="how often each page of each server is measured")
    add("--slice-of-pages", type=float, default=0.08, help="seconds that each of these takes")
    add("--sessions", type=int, default=1_000_000, help="how many are written to Redis")
    add("--small", type=int, default=10_000, help="and to the one that it is compared with")
    add("--accounts", type=int, default=240, help="how many are listed and ended there")
    add("--people", type=int, default=20, help="how many sign in at once")
    add("--rushes", type=int, default=5, help="how often they do")
    add("--starts", type=int, default=5, help="how often the server is started")
    add("--streams", type=int, default=5000, help="how many streams are open")
    add("--ends", type=int, default=100, help="how many sessions are ended in a second")
    add("--seconds", type=int, default=15, help="for how long they are")
    add("--rounds", type=int, default=10, help="how often pages are read with and without streams")
    add("--slice", type=float, default=2, help="seconds that each of these takes")
    add("--screens", type=int, default=50, help="how often a screen has to change")
    arguments = parser.parse_args()
    if not any(arguments.only in name for name in PARTS):
        parser.error(f"nothing that is measured has {arguments.only!r} in its name: {', '.join(PARTS)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
