"""What a session is, once it has left Redis. Moments are unix seconds of Redis's clock, pauses are seconds."""

from dataclasses import dataclass, field

from .device import Device


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


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser or program. ``name`` is the person's own and may be empty."""

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

    @property
    def ends(self) -> int:
        """The second at which it is over unless it is used again; the nearer of both limits (promise 3)."""
        return min(self.seen + self.idle, self.expires)


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody came back. ``moved`` says that this visit slid the end, so the cookie's has to move too."""

    session: Session
    account: AccountSnapshot
    now: int
    moved: bool


@dataclass(frozen=True, slots=True)
class Started:
    """Somebody signed in, or was given a new secret; ``replaced``: a living session of the account ended for it."""

    token: str = field(repr=False)
    session: Session
    now: int
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Every living session of an account, the one seen last first."""

    sessions: tuple[Session, ...]
    now: int
