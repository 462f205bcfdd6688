"""Something that happened to an account, as its owner may read it for 90 days."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal, Self

Kind = Literal[
    "signed-in",
    "failed",
    "ended",
    "not-me",
    "device-renamed",
    "name-changed",
    "password-changed",
    "email-changed",
    "email-restored",
    "erasure-planned",
    "erasure-cancelled",
]

# How long it can be read.
KEPT = timedelta(days=90)
# What is left of an address when its session is over, or where there was none: with it nobody finds a person, yet one
# knows one's own town or provider. The usual cut, which the issue of this feature names.
IPV4_CUT, IPV6_CUT = 24, 48
# So many of them can be read, the newest: a thief with time cannot fill the database, nor a program that signs in each
# minute. Of those who use the site as people do nobody has as many in 90 days.
MOST = 5000
# How the ids begin of events that stand for all of their kind in one hour, and tell the last one.
HOURLY = "hour:"
# 128 random bits; 22 characters of base64url.
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Origin:
    """From where something was done: ``device`` is an encoded Device, all of it may be empty."""

    session_id: str = ""
    device: str = ""
    address: str = ""
    place: str = ""

    def cut(self) -> Self:
        """Give the same with no more of the address than is kept of a session that is over."""
        return type(self)(self.session_id, self.device, cut_address(self.address), self.place)


# Of what nobody has done from anywhere, or nobody knows from where.
NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history. ``details`` is what its words need: which reason, which new name, how many times.

    ``token_hash`` belongs to the link by which the owner says that a sign-in was not his; it works until
    ``token_until``, once. ``browser`` is what that link forgets, or has forgotten.
    """

    kind: Kind
    account_id: str
    at: datetime
    origin: Origin = field(default_factory=Origin)
    details: Mapping[str, str] = field(default_factory=dict)
    browser: str = field(default="", repr=False)
    token_hash: str = field(default="", repr=False)
    token_until: datetime | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(ID_BYTES))


def signed_in_id(session_id: str) -> str:
    """Give the id of the one event that says that a session began; so it cannot be written twice."""
    return f"in:{session_id}"


def ended_id(session_id: str) -> str:
    """Give the id of the one event that says that a session ended."""
    return f"out:{session_id}"


def hourly_id(kind: Kind, subject: str, at: datetime) -> str:
    """Give the id of the one event of its kind about ``subject`` in an hour; the last one stands for those before it.

    What somebody can do as often as they like, such as giving new names, must not push all else out of the history.
    """
    return f"{HOURLY}{kind}:{subject}:{at:%Y%m%d%H}"


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


def cut_address(address: str) -> str:
    """Cut an address to the /24 or /48 that it is in: ``203.0.113.0/24``; what is no address stays as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return cut_address(str(parsed.ipv4_mapped))
        return str(IPv6Network((int(parsed), IPV6_CUT), strict=False))
    return str(IPv4Network((int(parsed), IPV4_CUT), strict=False))
