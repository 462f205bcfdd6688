"""All that is tried, one after the other: each house with the faults that it has to stand."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from soak import faults
from soak.acts import EVEN, OF_THE_DATABASE
from soak.faults import Fault
from soak.house import House, behind_sentinel, on_cluster, standalone
from soak.trial import Times

# Seconds; longer than any request may take.
FROZEN = 10.0
# Seconds; long enough that somebody is told so.
LATE = 2.5
# Seconds that a house takes to be built and filled, and those that the last looks of a trial take.
BUILDING, LAST_LOOKS = 16, 1.5
# The share of the time around a fault that comes before it; afterwards there is more to be seen.
BEFORE = 0.25
# Seconds around a fault. In less nothing would be in use yet when a part breaks, or no doubt be settled at the end.
LEAST = 7.5


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """One house, with settings of its own, and what fails in it."""

    build: Callable[..., AbstractContextManager[House[Any]]]
    faults: tuple[Fault, ...]
    variables: dict[str, str] = field(default_factory=dict)

    def only(self, word: str) -> "Chapter":
        """Give the same house with only those faults that have ``word`` in their names."""
        return replace(self, faults=tuple(fault for fault in self.faults if word in fault.name))


PLAN = (
    Chapter(
        standalone,
        (
            Fault("Redis stopped (SIGTERM) and started", faults.redis_stopped),
            Fault("Redis killed (SIGKILL) and started", faults.redis_killed),
            Fault("Redis full", faults.redis_full),
            Fault("Redis's connections all taken by others", faults.redis_taken),
            Fault("clients hang up in the middle of writes", faults.clients_hang_up, acts=EVEN, quiet=True),
            Fault("PostgreSQL restarted", faults.postgres_restarted, acts=OF_THE_DATABASE),
            Fault("PostgreSQL frozen", faults.postgres_frozen, FROZEN, OF_THE_DATABASE, brief=LATE),
            Fault("PostgreSQL's connections all taken by others", faults.postgres_taken, acts=OF_THE_DATABASE),
        ),
    ),
    # With the limit that everybody starts with: tries that are counted late, and twice, may lock out nobody.
    Chapter(
        standalone,
        (Fault("Redis frozen", faults.redis_frozen, FROZEN, brief=LATE),),
        {"LOGIN_LIMIT": "5/15m"},
    ),
    Chapter(
        standalone,
        (Fault("two connections to Redis for everybody", faults.nothing, quiet=True),),
        {"REDIS_CONNECTIONS": "2"},
    ),
    Chapter(
        standalone,
        (
            Fault("Redis stopped and started, two processes", faults.redis_stopped),
            Fault("clients hang up, two processes", faults.clients_hang_up, acts=EVEN, quiet=True),
        ),
        {"WEB_CONCURRENCY": "2"},
    ),
    Chapter(
        behind_sentinel,
        (
            # These last until there is a new primary.
            Fault(
                "Sentinel: primary killed, replica takes over",
                faults.primary_killed,
                hold=0,
                brief=0,
                undoes=True,
                tidy=faults.heal,
            ),
            Fault(
                "Sentinel: primary frozen, replica takes over",
                faults.primary_frozen,
                hold=0,
                brief=0,
                undoes=True,
                tidy=faults.heal,
            ),
        ),
    ),
    Chapter(on_cluster, (Fault("cluster: a node killed and started", faults.node_lost),)),
)


class Schedule:
    """Shares ``seconds`` out among the trials of ``chapters``: whatever went slowly is taken from those to come."""

    def __init__(self, chapters: Sequence[Chapter], seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._holds = [fault.hold for chapter in chapters for fault in chapter.faults]
        # For each trial, how many houses are to be built after it.
        self._houses = [len(chapters) - place for place, chapter in enumerate(chapters, 1) for _ in chapter.faults]

    def next(self) -> Times:
        """Give the times of the next trial, whose house stands."""
        trials = len(self._holds)
        taken = sum(self._holds) + trials * LAST_LOOKS + self._houses[0] * BUILDING
        around = max(LEAST, (self._end - time.monotonic() - taken) / trials)
        del self._holds[0], self._houses[0]
        return Times(before=BEFORE * around, after=(1 - BEFORE) * around)
