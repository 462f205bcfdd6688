"""Signing in, and what follows from a session's end: the outbox is told, and looks after the rest."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts.browsers import ShownBrowser
from webapp.errors import WrongCredentials
from webapp.history import Origin
from webapp.outbox import Outbox
from webapp.sessions.device import Device
from webapp.sessions.model import AccountSnapshot, Started
from webapp.sessions.service import SessionService
from webapp.sessions.token import Token
from webapp.shielding import shielded

from .entries import Watched
from .hastening import Hastening


@dataclass(frozen=True, slots=True)
class Visit:
    """Who comes in: from where, on which browser, and for how long.

    ``browser`` is None on a shared computer; ``replacing`` is the token that this browser had until now.
    """

    method: str
    device: Device
    address: str
    place: str
    remember: bool = False
    shared: bool = False
    browser: ShownBrowser | None = None
    replacing: str | None = None


class Arrivals:
    """Lets people in."""

    def __init__(self, engine: AsyncEngine, outbox: Outbox, sessions: SessionService) -> None:
        self._outbox = outbox
        self._sessions = sessions
        self._hastening = Hastening(engine, outbox)

    @shielded
    async def sign_in(self, account: AccountSnapshot, visit: Visit) -> Started:
        """Start a session of ``account``, which is looked after from then on.

        Raises StoreUnavailable, and WrongCredentials when the account was deleted or got another password meanwhile.
        """
        token = Token.new(account.id)
        origin = Origin(token.session_id, visit.device.encode(), visit.address, visit.place)
        watched = Watched(account.id, token.session_id, visit.method, origin, visit.browser)
        # Before the session: whatever fails afterwards, the one who looks at the entry finds out what became of it.
        try:
            await self._outbox.add(watched.entry())
        except IntegrityError:
            # The account was erased a moment ago. Not chained: PostgreSQL's message holds the values.
            raise WrongCredentials from None
        started = await self._sessions.start(
            account,
            token=token,
            remember=visit.remember,
            shared=visit.shared,
            method=visit.method,
            device=visit.device,
            address=visit.address,
            browser=visit.browser.name if visit.browser else "",
            replacing=visit.replacing,
        )
        self.look_at([token.session_id])
        return started

    def look_at(self, session_ids: Collection[str]) -> None:
        """Have sessions looked at that have begun or ended just now. Nobody waits for that.

        Where it does not come about, they are looked at in their own time.
        """
        if session_ids:
            self._hastening.begin(session_ids)

    def close(self) -> None:
        """Have nothing looked at any more that did not come about at once."""
        self._hastening.close()
