"""An entry: something that has to be done because a change stands."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

# 128 random bits; 22 characters of base64url.
ID_BYTES = 16
# How long something is tried unless its entry says otherwise.
PATIENCE = timedelta(days=1)
# In a body: how many attempts may have done it, which nobody knows. Only where there was one.
DOUBTS = "doubts"
# In a body: how many attempts have failed since the last one that did not. The column counts claims, of which an entry
# that is looked at again and again has many. Only where one has failed.
FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be done, for whom, when, and until when it is worth trying. All moments are aware and in UTC.

    ``kind`` chooses who does it. ``body`` is what that one has to know; nothing in it may open an account, since
    whoever reads the database reads it. An entry with an ``account_id`` goes with its account.
    """

    kind: str
    account_id: str | None
    body: Mapping[str, str]
    due: datetime
    until: datetime
    created: datetime
    attempts: int = 0
    id: str = field(default_factory=lambda: secrets.token_urlsafe(ID_BYTES))

    @classmethod
    def new(
        cls,
        kind: str,
        account_id: str | None,
        body: Mapping[str, str],
        *,
        after: timedelta = timedelta(),
        patience: timedelta = PATIENCE,
    ) -> "Entry":
        """Make an entry that is due ``after`` now and is tried for ``patience`` from then on."""
        now = datetime.now(UTC)
        return cls(kind, account_id, body, now + after, now + after + patience, now)

    @property
    def doubts(self) -> int:
        """How many attempts may have done it already."""
        return int(self.body.get(DOUBTS, 0))

    def doubted(self) -> "Entry":
        """Give the same entry after one more attempt that may have done it."""
        return replace(self, body={**self.body, DOUBTS: str(self.doubts + 1)})

    @property
    def failures(self) -> int:
        """How many attempts in a row have failed, or may have."""
        return int(self.body.get(FAILURES, 0))

    def failed(self) -> "Entry":
        """Give the same entry after one more attempt that has failed."""
        return replace(self, body={**self.body, FAILURES: str(self.failures + 1)})

    def looked_at(self) -> "Entry":
        """Give the same entry after an attempt that has not failed."""
        return replace(self, body={name: value for name, value in self.body.items() if name != FAILURES})

    def until_at_most(self, moment: datetime) -> "Entry":
        """Give the same entry, tried until ``moment`` if that is earlier."""
        return replace(self, until=min(self.until, moment))
