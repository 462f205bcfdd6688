"""What Redis tells those who listen: that something has happened to sessions, and that they should look again.

The scripts publish it. A message is a hint and no more: it may be lost, come twice or late, and what is true then only
Redis says (``SessionService.peek``). It names public ids and nothing else of anybody.
"""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from .token import is_public_id

# "started", "ended" and "renamed" are as they sound; "moved": the secret was renewed for a password, or a session that
# was about to end lasts longer now.
Kind = Literal["started", "ended", "renamed", "moved"]

# Where one server, or that behind sentinels, tells of every account: so a process needs one subscription.
CHANNEL = "session-events"


def channel_of(account_id: str) -> str:
    """Name the channel of one account on a cluster: a sharded one, where the server of its keys tells of it alone.

    The braces are the cluster's hash tag, as in the keys.
    """
    return f"events:{{{account_id}}}"


@dataclass(frozen=True, slots=True)
class News:
    """What has happened to some sessions of an account."""

    account_id: str
    kind: Kind
    session_ids: tuple[str, ...]

    @classmethod
    def read(cls, message: str) -> "News | None":
        """Read ``<account> <kind> <id> <id> …``; None for what has not exactly that form, or is of a kind to come."""
        account_id, _, rest = message.partition(" ")
        kind, *session_ids = rest.split(" ")
        if not session_ids or kind not in get_args(Kind) or not all(map(is_public_id, (account_id, *session_ids))):
            return None
        return cls(account_id, cast("Kind", kind), tuple(session_ids))

    @property
    def concerned(self) -> tuple[str, ...]:
        """The sessions whose own pages have to look at them again."""
        return self.session_ids if self.kind in {"ended", "moved"} else ()

    @property
    def changes_list(self) -> bool:
        """Whether the account's list of sessions is another one now; a moment in it may change without a word."""
        return self.kind != "moved"
