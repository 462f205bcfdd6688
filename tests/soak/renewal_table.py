"""What came of the soak of the renewal, as a section of docs/soak.md."""

from collections.abc import Sequence

from soak.record import Promise
from soak.renewal import Result

# What happened on the way, by the names that it is counted by.
EVENTS = ("slow requests", "late answers", "lost answers", "jumps", "restarts", "kills")
HEADS = (
    "SESSION_TOUCH",
    "for s",
    "requests",
    "renewals",
    "requests slow",
    "answers late",
    "answers lost",
    "clock jumps",
    "server restarts",
    "Redis kills",
    "503s",
    *(promise.value for promise in (Promise.STAY_IN, Promise.COOKIE, Promise.REST)),
)

HEADING = "## Renewed secrets"
SECTION = """{heading}

While a session is used its secret is renewed every ten minutes, and an old one that is shown later than a minute after
the new one ends the session: then somebody else has a copy (docs/decisions/0017). Nobody who has the cookie alone may
be taken for two. So the same server, as two processes, is used by people with some tabs on each of two devices: with
pages, programs, forms that have stood open, and now and then the password. Requests and answers are slow and overtake
each other, answers get lost, clients hang up, the server is restarted, Redis is killed, and its clock jumps: forth and
back by minutes, and on by up to half an hour whenever everybody's last answer is there. This is what one run showed.

{machine}

{table}

- **Renewals** are new secrets that were shown and answered.
- **Wrong sign-outs** are all ends of sessions here, "used in two places" above all: nobody has ended one.
- The server's own clock does not jump, only Redis's, which is the one that sessions go by. It jumps forward by more
  than a minute only while nothing is under way: to Redis it is the same as an answer that took as long, and an old
  secret is good for a minute.
"""


def section(results: Sequence[Result]) -> str:
    """Give the section."""
    return SECTION.format(heading=HEADING, machine=results[0].machine, table=table(results))


def table(results: Sequence[Result]) -> str:
    """Give a row for each trial."""
    rows = [HEADS, ("--:",) * len(HEADS), *map(_row, results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(result: Result) -> tuple[str, ...]:
    record = result.record
    return (
        result.name,
        f"{result.seconds:.0f}",
        str(record.requests),
        str(result.renewals),
        *(str(result.events[event]) for event in EVENTS),
        str(record.unavailable),
        *(str(record.count(promise)) for promise in (Promise.STAY_IN, Promise.COOKIE, Promise.REST)),
    )
