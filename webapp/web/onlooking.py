"""Looking at a session without using it: what an open page's stream sees of it."""

from webapp import deadline
from webapp.sessions.model import Look
from webapp.sessions.service import SessionService
from webapp.sessions.token import Token
from webapp.streams.model import Sight, State, notice_before

# The secrets that the browser of a session may show.
ITS_OWN = frozenset({"current", "candidate", "old"})
# One that another has taken the place of a while ago.
REUSED = "reused"


class Onlooker:
    """Looks at the session of ``token``, which was shown from ``address``; ``touch`` is SESSION_TOUCH."""

    __slots__ = ("_address", "_first", "_sessions", "_token", "_touch")

    def __init__(self, sessions: SessionService, token: Token, address: str, touch: int) -> None:
        self._sessions = sessions
        self._touch = touch
        self._token = token
        self._address = address
        self._first = True

    async def __call__(self) -> Sight:
        """Tell what is there; raises StoreUnavailable or TimeoutError when that cannot be said."""
        # The request has begun long ago: each look has patience of its own.
        deadline.begin()
        is_first, self._first = self._first, False
        look = await self._sessions.peek(self._token)
        if is_first and look.secret == REUSED:
            # Whoever opens a page's stream shows a secret as on any page, and this one has two holders. Later it may
            # have got old while its page was open, or Redis was away.
            await self._sessions.resume(str(self._token), address=self._address)
            look = await self._sessions.peek(self._token)
        return sight_of(look, self._touch)


def sight_of(look: Look, touch: int) -> Sight:
    """Tell of a look what a stream has to know; ``touch`` is SESSION_TOUCH."""
    if look.session is None:
        return Sight(_state_of_end(look), look.now)
    session = look.session
    return Sight(
        "held" if look.secret in ITS_OWN else "unheld",
        look.now,
        ends=session.ends,
        notice_at=session.ends - notice_before(session.idle, touch),
        by_age=session.expires <= session.seen + session.idle,
        shared=session.shared,
    )


def _state_of_end(look: Look) -> State:
    if look.ending is None:
        return "over"
    return "replaced" if look.ending.reason == "replaced" else "ended"
