"""Why a session ended, in words: a sentence for the browser that it was in, and a line for its account's history.

Both are made from an event's details: ``reason``, ``by`` (the device that it was done from) and ``after`` (seconds
without use, or in all). Another version may have written reasons that this one has no words for; those say only that
it ended.
"""

from collections.abc import Mapping
from typing import NamedTuple

from webapp import words


class Wording(NamedTuple):
    """How it is said where the device or the length of time is known, and where it is not, if that is different."""

    known: str
    otherwise: str = ""


# For a browser whose session is gone, when nobody has written down why. Nearly always it is this.
NOBODY_KNOWS = "You were signed out here, most likely because this sign-in was not used for a while."
UNKNOWN = "unknown"

# What follows on "You were signed out here on 20 November 2026, 14:02 UTC".
SENTENCES: Mapping[str, Wording] = {
    "elsewhere": Wording(", from {by}.", ", from another device."),
    "limit": Wording(
        ": a sign-in from {by} was one more than an account may have, and this one was unused for longest.",
        ": the account had more sign-ins than it may have, and this one was unused for longest.",
    ),
    "password": Wording(": the password was changed from {by}.", ": the password was changed."),
    "email": Wording(
        ": the account's former email address was brought back from {by}.",
        ": the account's former email address was brought back.",
    ),
    "erasure": Wording(
        ": from {by} it was asked for the account to be erased.",
        ": it was asked for the account to be erased.",
    ),
    "operator": Wording(": an operator of this site ended it."),
    "two-places": Wording(
        ": this sign-in was used in two places, so somebody may have a copy of it. Sign in and choose a new password."
    ),
    "not-me": Wording(": by the link in the mail about this sign-in it was said to be somebody else's."),
    "refused": Wording(": this sign-in had failed."),
    "idle": Wording(": this sign-in was not used for {after}.", ": this sign-in was not used for too long."),
    "age": Wording(": no sign-in here lasts longer than {after}.", ": this sign-in had lasted as long as one may."),
    UNKNOWN: Wording("."),
}

LINES: Mapping[str, Wording] = {
    "signed-out": Wording("Signed out"),
    "elsewhere": Wording("Signed out from {by}", "Signed out from another device"),
    "replaced": Wording("Ended by a new sign-in in the same browser"),
    "limit": Wording("Ended to make room for a sign-in from {by}", "Ended to make room for another sign-in"),
    "password": Wording("Ended by a new password, chosen from {by}", "Ended by a new password"),
    "email": Wording(
        "Ended by bringing the former email address back from {by}",
        "Ended by bringing the former email address back",
    ),
    "erasure": Wording("Ended by planning to erase the account from {by}", "Ended by planning to erase the account"),
    "operator": Wording("Ended by an operator of this site"),
    "two-places": Wording("Ended because it was used in two places"),
    "not-me": Wording("Ended by “It was not me” from the mail about it"),
    "refused": Wording("A sign-in that failed"),
    "idle": Wording("Ended after {after} without use", "Ended after too long without use"),
    "age": Wording("Ended after {after}, the longest that one lasts", "Ended after the longest that one lasts"),
    UNKNOWN: Wording("Ended"),
}


def line(details: Mapping[str, str]) -> str:
    """Say it for the history of the account, where the moment stands beside it."""
    return _filled(LINES, details)


def sentence(details: Mapping[str, str], at: int | None = None) -> str:
    """Say it to the browser that was signed out; ``at`` is the moment (Unix seconds), where it is known."""
    when = "" if at is None else f" on {words.exact(at)}"
    return f"You were signed out here{when}{_filled(SENTENCES, details)}"


def _filled(table: Mapping[str, Wording], details: Mapping[str, str]) -> str:
    wording = table.get(details.get("reason", UNKNOWN), table[UNKNOWN])
    by, after = details.get("by", ""), _length(details.get("after", ""))
    missing = ("{by}" in wording.known and not by) or ("{after}" in wording.known and not after)
    return wording.otherwise if missing else wording.known.format(by=by, after=after)


def _length(seconds: str) -> str:
    return words.in_full(int(seconds)) if seconds.isdecimal() and int(seconds) else ""
