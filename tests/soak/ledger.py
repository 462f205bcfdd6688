"""What is known of each session, and the verdicts that follow from it.

A session is alive until a request that ends it was answered by a success, or until it was seen to be over. A request
that was answered by 503, or not at all, leaves a doubt: it may have been applied, or be applied yet, as when it lies in
the socket of a Redis that is frozen. A doubt ends with a look that began in calm weather, long enough after the doubt.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from soak.record import Promise, Record

# Seconds. A write whose answer nobody got is applied within the time that one request may take, or never: but for a
# part that was away, whose return is waited for besides.
SETTLED_AFTER = 5.0
# Lines of a session's history that an offence tells.
TOLD = 12


@dataclass(slots=True)
class Weather:
    """Whether a part is broken just now; ``calm_since`` is infinite while one is."""

    calm_since: float = -inf

    def breaks(self) -> None:
        """Note that a part breaks now."""
        self.calm_since = inf

    def clears(self, now: float) -> None:
        """Note that the part is back."""
        self.calm_since = now

    def spoils(self, began: float) -> bool:
        """Tell whether a part was broken at any moment of a request that began at ``began`` and was just answered."""
        return began < self.calm_since

    def settled(self, doubted: float, look: float) -> bool:
        """Tell whether what was in doubt since ``doubted`` is decided for a look that began at ``look``."""
        return look > max(doubted, self.calm_since) + SETTLED_AFTER


@dataclass(slots=True)
class Ledger:
    """Where verdicts are written, and the weather that they depend on.

    ``undoing`` says that another server may take over: what nobody acknowledged may then be seen, and be gone again.
    """

    record: Record = field(default_factory=Record)
    weather: Weather = field(default_factory=Weather)
    undoing: bool = False
    clock: Callable[[], float] = time.monotonic


class Session:
    """What is known of one session of ``owner``, which the browser with ``cookie`` was given."""

    def __init__(self, ledger: Ledger, owner: str, session_id: str, cookie: str) -> None:
        self.ledger = ledger
        self.owner = owner
        self.id = session_id
        self.cookie = cookie
        self.history: list[str] = []
        self._offences: set[Promise] = set()
        self._ended_at: float | None = None
        self._at_stake = 0
        self._doubted: float | None = None
        self.began = ledger.clock()
        self.tell("signed in")

    @property
    def over(self) -> bool:
        """Whether it was ended, or seen to be."""
        return self._ended_at is not None

    @property
    def sure(self) -> bool:
        """Whether it is alive without a doubt."""
        return not self.over and not self._at_stake and self._doubted is None

    def at_stake(self) -> None:
        """Note that a request is under way that may end it."""
        self._at_stake += 1

    def ended(self, by: str) -> None:
        """Note that the request was answered by a success."""
        self._at_stake -= 1
        self._end(f"ended by {by}")

    def not_there(self, began: float, by: str) -> None:
        """Note that a request to end it, which began at ``began``, was answered by that it is not there any more.

        A server whose first try was applied, and cut before the answer came, finds its own work done with the next one.
        """
        if self.ledger.weather.spoils(began):
            self.ended(f"{by}, which found it over")
        else:
            self.spared()
            self.seen_out(began, by)

    def spared(self) -> None:
        """Note that the request was refused, so that nothing happened."""
        self._at_stake -= 1

    def doubted(self, by: str) -> None:
        """Note that nobody knows whether the request was applied, or will be."""
        self._at_stake -= 1
        self._doubted = self.ledger.clock()
        self.tell(f"perhaps ended by {by}")

    def seen_in(self, began: float, where: str) -> None:
        """Judge an answer to its cookie, asked for at ``began``, that only somebody signed in gets."""
        if self._ended_at is not None:
            if began > self._ended_at:
                self.broke(Promise.STAY_OUT, f"{where} answered a session that had ended")
        elif self._doubted is not None and self._settled(began):
            self._doubted = None
            self.tell(f"alive after all, as {where} says")

    def seen_out(self, began: float, where: str) -> None:
        """Judge an answer to its cookie, or a list of its owner's devices, for which it is not alive."""
        if self.sure:
            self.broke(Promise.STAY_IN, f"{where} took a session for over that nobody had ended")
        elif self.ledger.undoing and not self._settled(began):
            self.tell(f"perhaps over, as {where} says")
            return
        self._end(f"over, as {where} says")

    def seen_listed(self, began: float, where: str) -> None:
        """Judge a list of its owner's devices, asked for at ``began``, in which it is alive."""
        if self._ended_at is not None and began > self._ended_at:
            self.broke(Promise.TRUTH, f"{where} lists a session that had ended")

    def broke(self, promise: Promise, what: str) -> None:
        """Write an offence down with what is known of this session; one of each kind says enough."""
        if promise not in self._offences:
            self._offences.add(promise)
            self.ledger.record.broke(promise, f"{what} ({self.owner}, session {self.id})", self.history[-TOLD:])

    def tell(self, line: str) -> None:
        """Add a line to its history."""
        self.history.append(f"{self.ledger.clock():.3f} {line}")

    def _settled(self, look: float) -> bool:
        doubted = self._doubted
        return not self._at_stake and (doubted is None or self.ledger.weather.settled(doubted, look))

    def _end(self, line: str) -> None:
        if not self.over:
            self._ended_at = self.ledger.clock()
            self.tell(line)
