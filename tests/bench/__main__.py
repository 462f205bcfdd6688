"""``make bench``: measures what the issues promise of speed and size, on real servers, and prints a table.

    PYTHONPATH=.:tests python -m bench [--only WORD] [--streams 5000] [--ends 100] [--seconds 15] [--rounds 10]
                                       [--slice 2] [--screens 50] [--write docs/bench.md]

Exits with 1 only where something could not be measured: a bound that is missed is told in the table.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from bench.screens import measure_screens
from bench.streams import Plan, measure_streams
from bench.table import Row, machine, table

STREAMS, SCREENS = "streams", "screens"

PAGE = """# Speed and size

`make bench` starts the real server with a Redis and a PostgreSQL of its own, lets people in, and measures what is
promised. Where two variants are compared, they are measured in the same run, slice by slice in turn, and the figure is
the median of the ratios; the absolute numbers beside it are of this machine. This is what one run of it showed.

{machine}

{table}

- **Memory** is what the server's processes take (`Pss`) with all streams open, less what they took before, for each
  stream. Whoever chooses SESSION_STREAMS divides the memory that a process can spare by the bound.
- **From the end of a session to its page**: the sessions are ended as by another process, at a fixed rate, and each is
  counted from the moment that it was due; the answer counts when it has arrived at the client's socket. Clients,
  server, Redis and PostgreSQL share the processors.
- **Pages** are read by 16 people on two servers, of which one holds the streams, each of which is breathing: it says
  something every 20 s. "Before" is the same ratio when neither held any. On a busy machine the processor time that a
  page takes the server says more than the rate.
- **The changed screen** is the first paint of the page that says why, by the browser's own clock.
"""


def main() -> int:
    """Run what the command line asks for, and return the exit status."""
    arguments = _arguments()
    rows = asyncio.run(_measure(arguments))
    print(f"{machine()}\n\n{table(rows)}")
    if arguments.write:
        arguments.write.write_text(PAGE.format(machine=machine(), table=table(rows)), encoding="utf-8")
    return 0


async def _measure(arguments: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    if arguments.only in STREAMS:
        chosen = {name: getattr(arguments, name) for name in Plan.__slots__}
        rows += await measure_streams(Plan(**chosen), _tell)
    if arguments.only in SCREENS:
        rows += await measure_screens(arguments.screens, _tell)
    return rows


def _tell(what: str) -> None:
    # Not into the table, which may go to a file.
    print(f"{what} ...", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what Gatehouse promises.")
    parser.add_argument("--only", default="", help=f"only what has this in its name: {STREAMS}, {SCREENS}")
    parser.add_argument("--streams", type=int, default=5000, help="how many streams are open")
    parser.add_argument("--ends", type=int, default=100, help="how many sessions are ended in a second")
    parser.add_argument("--seconds", type=int, default=15, help="for how long they are")
    parser.add_argument("--rounds", type=int, default=10, help="how often pages are read with and without streams")
    parser.add_argument("--slice", type=float, default=2, help="seconds that each of these takes")
    parser.add_argument("--screens", type=int, default=50, help="how often a screen has to change")
    parser.add_argument("--write", type=Path, help="a file to write the table to, as a page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
