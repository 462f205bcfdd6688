"""The outbox's entries of the watch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from webapp.accounts.browsers import ShownBrowser
from webapp.history import Origin
from webapp.outbox import Entry

# The kinds of entries: a session that is looked after, and a try to sign in that failed.
WATCH, FAILED = "watch", "failed"

# Before this it need not be looked at: the request that signs in has given up by then (deadline.PATIENCE).
AFTER_THE_REQUEST = timedelta(seconds=30)
# What the history owes is never given up.
FOR_EVER = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a session when it begins. ``browser`` is None on a shared computer."""

    account_id: str
    session_id: str
    method: str
    origin: Origin
    browser: ShownBrowser | None = None

    def entry(self) -> Entry:
        """Make the entry, which has the session's own id: so it is found when the session ends."""
        body = {
            "method": self.method,
            "device": self.origin.device,
            "address": self.origin.address,
            "place": self.origin.place,
            "browser": self.browser.encode() if self.browser else "",
        }
        made = Entry.new(WATCH, self.account_id, body, after=AFTER_THE_REQUEST, patience=FOR_EVER)
        return with_id(made, self.session_id)

    @classmethod
    def of(cls, entry: Entry) -> "Watched":
        """Read it from its entry."""
        body: Mapping[str, str] = entry.body
        origin = Origin(entry.id, body["device"], body["address"], body["place"])
        return cls(entry.account_id or "", entry.id, body["method"], origin, ShownBrowser.decode(body["browser"]))


def with_id(entry: Entry, entry_id: str) -> Entry:
    """Give the same entry under an id that is known beforehand."""
    return Entry(entry.kind, entry.account_id, entry.body, entry.due, entry.until, entry.created, id=entry_id)
