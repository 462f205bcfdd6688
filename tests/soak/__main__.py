"""``make soak``: breaks one part after the other while people use the site, and prints what came of it.

    PYTHONPATH=tests python -m soak [--seconds 300] [--clients 20] [--only WORD] [--write docs/soak.md]
    PYTHONPATH=tests python -m soak --only renewal [--requests 50000] [--write docs/soak.md]

Exits with 1 when a promise was broken, and tells the first few of those, with the SOAK_SEED of the people's choices.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from soak.ledger import SETTLED_AFTER
from soak.plan import PLAN, Chapter, Schedule
from soak.record import Record
from soak.renewal import Result
from soak.renewal_plan import RENEWAL, REQUESTS, renew
from soak.renewal_table import HEADING, section
from soak.table import Machine, table
from soak.trial import BACK_WITHIN, LONGEST_WAIT, Outcome, Trials

CLIENTS = 20
# Seconds that all of the plan takes once; in a multiple of them it is gone through as many times.
SECONDS = 300
# Of each trial's offences so many are told; the rest is more of the same.
TOLD = 4

PAGE = """# Failing parts

`make soak` starts the real server on a real Redis and PostgreSQL, lets people use it, and breaks one part after the
other. Everybody has several devices, looks at pages all the time, with the cookies of sessions that have ended too, and
now and then registers, signs in and out, names, ends and confirms. What each answer claimed is held against what is
seen later. This is what one run of it showed.

{machine}

{table}

- **503s** are the only failure that is allowed, and each must say `Retry-After`. Where clients hang up, and where only
  few connections are allowed, there may be none.
- **Wrong sign-outs**: a session that nobody had ended was taken for over.
- **Revivals**: a session that had ended was answered again.
- **False successes**: an answer said that something was done, and a later look showed that it was not: an ended device
  still listed, a name not given, a confirmation not noted, an account not there.
- **Cookies deleted**: the session cookie was taken away by anything but signing out.
- **Other faults**: any other failure, no answer, somebody else's page, a wait of more than {wait:.0f} s, or a failure
  of what began later than {back:.0f} s after the part was back.
- **Back after** is when the last request began that failed, counted from the moment at which the part itself answered
  again; 0 where none did.

An answer of 503, or none, claims nothing: what was asked for may have been done, or be done yet. Only a look in calm
weather decides, {settled:.0f} s later. The Redis servers that are stopped or killed sync their append-only file before
each answer (`appendfsync always`); with `everysec` a Redis that is killed may lose the last second or two by itself.
"""


def page(outcomes: Sequence[Outcome], machine: Machine) -> str:
    """Give the page that ``--write`` writes."""
    limits = {"wait": LONGEST_WAIT, "back": BACK_WITHIN, "settled": SETTLED_AFTER}
    return PAGE.format(machine=machine, table=table(outcomes), **limits)


def main() -> int:
    """Run what the command line asks for, and return its exit status."""
    arguments = _arguments()
    chapters = [chapter for each in PLAN if (chapter := each.only(arguments.only)).faults]
    rounds = max(1, round(arguments.seconds / SECONDS))
    faults = renewals = ""
    records: list[Record] = []
    if chapters:
        outcomes, machine = asyncio.run(_run(chapters * rounds, arguments.clients, arguments.seconds))
        faults = page(outcomes, machine)
        records += [outcome.record for outcome in outcomes]
        print(f"\n{machine}\n\n{table(outcomes)}")
    if arguments.only in RENEWAL:
        results = asyncio.run(_renew(arguments.requests))
        renewals = section(results)
        records += [result.record for result in results]
        print(f"\n{renewals}")
    if arguments.write:
        _write(arguments.write, faults, renewals)
    return 1 if any(record.offences for record in records) else 0


def _write(path: Path, faults: str, renewals: str) -> None:
    """Write both parts of the page; what was not tried this time stays as it was."""
    before, heading, after = path.read_text("utf-8").partition(HEADING) if path.exists() else ("", "", "")
    path.write_text(f"{(faults or before).rstrip()}\n\n{renewals or heading + after}".rstrip() + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description="Break parts of Gatehouse while it is used.")
    seconds = float(os.environ.get("SOAK_SECONDS", SECONDS))
    parser.add_argument("--seconds", type=float, default=seconds, help="how long all of it may take (SOAK_SECONDS)")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="how many people use the site")
    parser.add_argument(
        "--only", default="", help=f"only the faults that have this in their names, or {RENEWAL!r} does"
    )
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"how many are made for the {RENEWAL}")
    parser.add_argument("--write", type=Path, help="a file to write the table to, as a page")
    return parser.parse_args()


async def _run(chapters: list[Chapter], clients: int, seconds: float) -> tuple[list[Outcome], Machine]:
    schedule, outcomes, postgres = Schedule(chapters, seconds), [], ""
    for chapter in chapters:
        with chapter.build(**chapter.variables) as house:
            postgres = house.postgres.version()
            trials = Trials(house, clients)
            await trials.gather()
            for fault in chapter.faults:
                trials.times = schedule.next()
                outcomes.append(await trials.run(fault))
                _tell(fault.name, outcomes[-1].record, trials.seed)
            await trials.close()
    return outcomes, Machine(clients, postgres)


async def _renew(requests: int) -> list[Result]:
    results = []
    async for result in renew(requests):
        _tell(f"{RENEWAL}, SESSION_TOUCH={result.name}", result.record, result.seed)
        results.append(result)
    return results


def _tell(name: str, record: Record, seed: int) -> None:
    offences = record.offences
    print(f"{name}: {record.requests} requests, {len(offences)} promises broken", flush=True)
    if offences:
        print(f"  SOAK_SEED={seed} lets people want the same things again.")
    for offence in offences[:TOLD]:
        print(f"  {offence}".replace("\n", "\n  "), flush=True)


if __name__ == "__main__":
    sys.exit(main())
