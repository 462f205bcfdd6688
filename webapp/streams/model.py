"""What is seen of a session, and what its stream says of it. Moments are unix seconds of Redis's clock."""

from dataclasses import dataclass
from typing import Literal, Protocol

# Of the session that a stream was opened with, and of the secret that opened it. "held": it lives, and the secret is
# one that its browser may show; "unheld": it lives, and the secret is none of its own any more; "replaced": the same
# browser has signed in anew; "ended": somebody has ended it; "over": it is gone by itself.
State = Literal["held", "unheld", "replaced", "ended", "over"]

# Why a stream is closed for good. "ended": its page has to go; "expired": the person may sign in again over the page;
# "crowded": its session holds more streams than it may.
Why = Literal["ended", "expired", "crowded"]

# Seconds before its end from which on the pages of a session say so. 20 are the least (WCAG 2.2, success criterion
# 2.2.1); two minutes are enough to come back from another window.
NOTICE = 120


def notice_before(idle: int, touch: int) -> int:
    """Give the seconds before the end of a session that may pause for ``idle`` seconds in which its pages say so.

    No more than half of the pause; and not before its end has stood for ``touch`` seconds, when using it moves that.
    """
    return min(NOTICE, idle // 2, idle - touch)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a session has shown; where it is held, when it ``ends``, and from when on its pages say so.

    ``by_age`` says that using it does not move its end any more, ``shared`` that it is on a shared computer.
    """

    state: State
    now: int
    ends: int = 0
    notice_at: int = 0
    by_age: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Here:
    """The session lives; ``shared``: on a shared computer."""

    shared: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """The session is about to end, as the sight says."""

    sight: Sight


@dataclass(frozen=True, slots=True)
class Staying:
    """It is not about to end any more."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Something about the account's list of sessions may have changed."""


@dataclass(frozen=True, slots=True)
class Closed:
    """There will be nothing more to say."""

    why: Why


Event = Here | Ending | Staying | Listed | Closed


class Look(Protocol):
    """Looks at the session of one stream, without using it."""

    async def __call__(self) -> Sight:
        """Tell what is there; raises StoreUnavailable when that cannot be said."""


class Following(Protocol):
    """Where news of accounts come from: it may have to be told whose."""

    def follow(self, account_id: str) -> None:
        """Begin to hear of an account."""

    def leave(self, account_id: str) -> None:
        """Stop."""
