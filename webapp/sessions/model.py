"""What a session is, once it has left Redis. Moments are unix seconds of Redis's clock, pauses are seconds."""

from dataclasses import dataclass, field
from typing import Literal

from .device import Device

# Seconds that a session lasts at most on a computer that others use too: an hour, the time somebody sits there.
SHARED_AT_MOST = 3600

# Why a session is over. "signed-out": on that very browser; "elsewhere": by its owner, from another device; "replaced":
# a new sign-in on the same browser; "limit": SESSION_LIMIT; "email": an address was brought back; "two-places": a
# secret was shown that another had taken the place of; "not-me": by the link of a mail; "refused": its sign-in failed
# after all, and nobody was let in; "unknown": whoever ended it left no word. "idle" and "age" stand in no record: those
# are worked out from what is left.
Reason = Literal[
    "signed-out",
    "elsewhere",
    "replaced",
    "limit",
    "password",
    "email",
    "erasure",
    "operator",
    "two-places",
    "not-me",
    "refused",
    "idle",
    "age",
    "unknown",
]

# What a secret is to a session that lives: its own now, one that was handed out and not shown yet, one of before that
# is still good, one that is good no more; or empty where it is none that is known.
Verdict = Literal["current", "candidate", "old", "reused", ""]


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """What every page needs of the account, kept beside its sessions so that no page asks SQL for it.

    ``confirmed`` says that the email was proven. ``credential`` is an opaque mark of the password that SQL had when it
    was asked, another one after each change. It never stands in Redis, where it is empty, and is no part of what is
    compared: only a sign-in looks at it.
    """

    id: str
    name: str
    email: str
    role: str
    confirmed: bool = False
    credential: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session may pause, and how long it may last in all, in seconds."""

    idle: int
    lifetime: int


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """The rules of all sessions.

    ``plain`` and ``remembered`` are the two kinds; at most one write of "last seen" falls into ``touch`` seconds; an
    account holds at most ``limit`` sessions.
    """

    plain: Lifetimes
    remembered: Lifetimes
    touch: int
    limit: int

    def lifetimes(self, *, remember: bool, shared: bool) -> Lifetimes:
        """Give the limits of a new session; on a ``shared`` computer it ends within the hour."""
        limits = self.remembered if remember else self.plain
        if not shared:
            return limits
        return Lifetimes(min(limits.idle, SHARED_AT_MOST), min(limits.lifetime, SHARED_AT_MOST))


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser or program.

    ``name`` is the person's own and may be empty, ``browser`` the id of the known browser, cut short, and ``shared``
    says that others use that computer too.
    """

    id: str
    account_id: str
    created: int
    seen: int
    confirmed: int
    idle: int
    expires: int
    remembered: bool
    method: str
    device: Device
    address: str
    name: str
    browser: str = ""
    shared: bool = False

    @property
    def ends(self) -> int:
        """The second at which it is over unless it is used again; the nearer of both limits (promise 3)."""
        return min(self.seen + self.idle, self.expires)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a session is ended; ``by`` names the device that it was done from, where that is another one."""

    reason: Reason
    by: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left of a session that was ended before its time: how it was, and why, from where and when it went."""

    session: Session
    reason: Reason
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Look:
    """What Redis knows of one session: that it lives, or how it was ended, or neither.

    ``begun`` says that it was started within the last minutes, by the mark that its start has left. ``secret`` is what
    the one that was shown is to a session that lives; empty where none was.
    """

    session: Session | None
    ending: Ending | None
    begun: bool
    now: int
    secret: Verdict


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody came back. ``moved`` says that this visit slid the end.

    ``cookie`` is the token that the browser's cookie is to hold from this answer on, for as long as the session may now
    last; with None it is left as it is.
    """

    session: Session
    account: AccountSnapshot
    now: int
    moved: bool
    cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Started:
    """Somebody signed in, or was given a new secret.

    ``replaced``: a living session of the account ended for it. ``displaced`` are those that had to go for the limit,
    and ``ended`` the ids of all that ended for it, whyever.
    """

    token: str = field(repr=False)
    session: Session
    now: int
    replaced: bool = False
    displaced: tuple[Session, ...] = ()
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Every living session of an account, the one seen last first."""

    sessions: tuple[Session, ...]
    now: int
