"""What the answers claimed to be done, to be held against what is seen later: names, confirmations, accounts."""

from math import inf

from soak.ledger import Ledger, Session
from soak.record import Promise


class Name:
    """The name of ``session``, as far as the answers to those who wrote it tell."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._certain = ""
        # Names that may have been written, or be written yet, and since when that is so.
        self._doubts: dict[str, float] = {}
        self._changed = -inf

    def trying(self, name: str) -> None:
        """Note that a request is under way that writes ``name``."""
        self._doubts[name] = inf

    def written(self, name: str) -> None:
        """Note that the request was answered by a success."""
        self._doubts.pop(name)
        self._certain, self._changed = name, self._session.ledger.clock()
        self._session.tell(f"named {name!r}")

    def refused(self, name: str) -> None:
        """Note that the request was refused, so that nothing happened."""
        self._doubts.pop(name)

    def doubted(self, name: str) -> None:
        """Note that nobody knows whether the request was applied, or will be."""
        self._doubts[name] = self._session.ledger.clock()
        self._session.tell(f"perhaps named {name!r}")

    def seen(self, began: float, name: str, where: str) -> None:
        """Judge a look that began at ``began`` and showed ``name``."""
        if began < self._changed:
            return
        if name != self._certain and name not in self._doubts:
            claim = f"{where} shows the name {name!r} where {self._certain!r} was said to be given"
            self._session.broke(Promise.TRUTH, claim)
        settled = self._session.ledger.weather.settled
        if all(settled(doubt, began) for doubt in self._doubts.values()):
            self._certain, self._doubts = name, {}


class Confirmation:
    """When the password was confirmed in ``session``, as far as the answers tell. In seconds of Unix time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._least = 0
        self._told = -inf

    def done(self, asked: int) -> None:
        """Note that a request of the second ``asked`` was answered by a success."""
        self._least, self._told = asked, self._session.ledger.clock()
        self._session.tell(f"password confirmed at {asked}")

    def seen(self, began: float, confirmed: int, where: str) -> None:
        """Judge a look that began at ``began`` and showed when the password was ``confirmed`` last."""
        if began > self._told and confirmed < self._least:
            claim = f"{where} shows a confirmation {self._least - confirmed} s older than the one that was acknowledged"
            self._session.broke(Promise.TRUTH, claim)


class Account:
    """Whether there is an account for ``email``, as far as the answers tell."""

    def __init__(self, ledger: Ledger, email: str) -> None:
        self.email = email
        self._ledger = ledger
        self.opened = False

    def let_in(self) -> None:
        """Note that somebody was told to be registered, or signed in."""
        self.opened = True

    def turned_away(self, where: str) -> None:
        """Judge an answer by which email and password belong to nobody."""
        if self.opened:
            self._ledger.record.broke(Promise.TRUTH, f"{where} knows nothing of the account of {self.email}")
