"""How a session reaches the scripts, and what they answer of it; how it stands in Redis, record.lua says.

Every value stays within 64 bytes, so that Redis keeps the hash of its account in the compact form: one longer field
triples what a session costs (measured: 1200 bytes for 440). Versions run side by side during a deploy, so fields may be
added but not required: one before reads past them, one after has a default for what an old record lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from .device import Device
from .model import Cause, Ending, Lifetimes, Reason, Session
from .text import fit
from .token import Token

# Redis's own limit for the compact form (hash-max-listpack-value, hash-max-ziplist-value before 7.0).
LONGEST_FIELD = 64
# A known browser is told from the others of its account by so much of its id: 66 bits.
BROWSER_LENGTH = 11


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is known of a session before Redis has written it down."""

    token: Token
    lifetimes: Lifetimes
    remembered: bool
    method: str
    device: Device
    address: str
    browser: str = ""
    shared: bool = False

    def fields(self) -> dict[str, str | int]:
        """Give the record's fields, without the moments: only Redis knows the time. What is empty is left out."""
        few = {"browser": fit(self.browser, BROWSER_LENGTH), "shared": "1" if self.shared else ""}
        return {
            "hash": self.token.secret_hash,
            "idle": self.lifetimes.idle,
            "remembered": int(self.remembered),
            "method": fit(self.method, LONGEST_FIELD),
            "device": self.device.encode(),
            "address": fit(self.address, LONGEST_FIELD),
            **{name: value for name, value in few.items() if value},
        }


def read_session(account_id: str, row: Sequence[Any]) -> Session:
    """Make a session of a row as the scripts answer it: its id, then FIELDS of record.lua in their order.

    The script has checked the numbers; a text that is missing or bent has a default.
    """
    # Without names for the arguments of Session, and nothing in between (1 us a page); test_costs.py holds the order.
    id_, created, seen, confirmed, idle, expires, remembered, method, device, address, name, browser, shared = row
    return Session(
        id_,
        account_id,
        created,
        seen,
        confirmed,
        idle,
        expires,
        remembered == "1",
        method or "",
        Device.decode(device or ""),
        address or "",
        name or "",
        browser or "",
        shared == "1",
    )


def read_ending(account_id: str, values: Sequence[Any]) -> Ending:
    """Make an ending of what the scripts answer: reason, device and moment, then the row."""
    reason, by, at, row = values
    known = cast("Reason", reason) if reason in get_args(Reason) else "unknown"
    return Ending(read_session(account_id, row), known, by or "", at)


def cause_fields(cause: Cause) -> tuple[str, str]:
    """Give what the scripts that end sessions take: the reason, and the device it was done from."""
    return cause.reason, fit(cause.by, LONGEST_FIELD)
