"""What happened while one part was broken: how much, how long, and every promise that did not hold, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import inf


class Promise(Enum):
    """What may not happen, by the name of its column in the table."""

    STAY_IN = "wrong sign-outs"
    STAY_OUT = "revivals"
    TRUTH = "false successes"
    COOKIE = "cookies deleted"
    REST = "other faults"


@dataclass(frozen=True, slots=True)
class Offence:
    """One promise that was broken once, and what was known before."""

    promise: Promise
    what: str
    history: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Tell it in a paragraph, the history in lines of their own."""
        return "\n".join([f"{self.promise.value}: {self.what}", *(f"    {line}" for line in self.history)])


@dataclass(slots=True)
class Record:
    """Counts the answers of one trial. All moments are seconds of the monotonic clock."""

    requests: int = 0
    unavailable: int = 0
    # How many writes were sent whose answer nobody waited for, by what they are.
    hung_up: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    slowest: str = "nothing was asked"
    offences: list[Offence] = field(default_factory=list)
    # What was answered by 503, or not at all, and when it began.
    failed: list[tuple[float, str]] = field(default_factory=list)

    def answered(self, what: str, began: float, ended: float, *, well: bool) -> None:
        """Count one answer to ``what``; ``well`` says that it was no 503."""
        self.requests += 1
        if not well:
            self.failed.append((began, what))
        if ended - began > self.longest:
            self.longest, self.slowest = ended - began, what

    def broke(self, promise: Promise, what: str, history: Sequence[str] = ()) -> None:
        """Note that a promise did not hold."""
        self.offences.append(Offence(promise, what, tuple(history)))

    def count(self, promise: Promise) -> int:
        """Tell how often a promise did not hold."""
        return sum(offence.promise is promise for offence in self.offences)

    def last_failed(self) -> tuple[float, str]:
        """Give when the last request began that failed, and what it was."""
        return max(self.failed, default=(-inf, "none"))
