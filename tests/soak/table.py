"""What came out of all trials, as a table in Markdown."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from own_redis import any_binary
from soak.record import Promise
from soak.trial import Outcome

HEADS = (
    "what fails",
    "for s",
    "requests",
    "503s",
    *(promise.value for promise in Promise),
    "longest wait s",
    "back after s",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the trials ran on; ``redis`` is the server's program."""

    clients: int
    postgres: str
    redis: Path = field(default_factory=any_binary)

    def __str__(self) -> str:
        """Tell it in one line."""
        redis = subprocess.run([self.redis, "--version"], check=True, capture_output=True, text=True).stdout
        version = redis.partition("v=")[2].partition(" ")[0]
        processors = f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()})"
        parts = f"Python {platform.python_version()}, Redis {version}, PostgreSQL {self.postgres}"
        return f"{self.clients} signed-in clients; {processors}, {parts}."


def table(outcomes: Sequence[Outcome]) -> str:
    """Give a row for each trial."""
    rows = [HEADS, tuple(":--" if not place else "--:" for place in range(len(HEADS))), *map(_row, outcomes)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(outcome: Outcome) -> tuple[str, ...]:
    record = outcome.record
    return (
        outcome.fault.name,
        f"{outcome.broken_for:.1f}",
        str(record.requests),
        str(record.unavailable),
        *(str(record.count(promise)) for promise in Promise),
        f"{record.longest:.1f}",
        f"{outcome.back_after:.1f}",
    )
