"""The link of "was this you?": whoever reads the account's mail says that a sign-in was not theirs.

It works without being signed in, once, for as long as ``letters`` says. Using it is one transaction: from then on the
browser is not known any more, a link to a new password is there, and the end of every session of that browser is owed,
whatever fails afterwards. All of them, since whoever signs in there once more is asked about no second time: the
session that the mail is about may long be over.
"""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts import owed
from webapp.accounts.browsers import Browsers
from webapp.accounts.changes import AccountChanges, Change
from webapp.accounts.links import LinkMaker, NewLink, is_token, token_hash
from webapp.accounts.model import Account
from webapp.accounts.store import AccountStore
from webapp.database import answering
from webapp.errors import DeadLink, StoreUnavailable
from webapp.history import Event, History, Origin
from webapp.history.model import now
from webapp.outbox import Entry, Outbox
from webapp.sessions.device import Device
from webapp.sessions.model import Session
from webapp.sessions.service import SessionService
from webapp.shielding import shielded


@dataclass(frozen=True, slots=True)
class Doubted:
    """A sign-in that a link is about, and whose account it was to.

    ``lives`` says whether that browser is still signed in, in that session or in another one of it; None where Redis
    does not say.
    """

    happened: Event
    account: Account
    lives: bool | None = None

    @property
    def session_id(self) -> str:
        """The public id of the session."""
        return self.happened.origin.session_id

    @property
    def device(self) -> Device:
        """On what it was signed in."""
        return Device.decode(self.happened.origin.device)

    def is_itself(self, session: Session) -> bool:
        """Tell whether a session is the one that it is about."""
        return session.account_id == self.account.id and session.id == self.session_id

    def is_of_it(self, session: Session) -> bool:
        """Tell whether a session is the one that it is about, or of the same browser."""
        if session.account_id != self.account.id:
            return False
        # Sessions hold the beginning of a browser's name.
        is_same = session.browser != "" and self.happened.browser.startswith(session.browser)
        return is_same or self.is_itself(session)

    @property
    def leads_to_password(self) -> bool:
        """Whether the link leads to a new password; else that has to be asked for at the account's email.

        Once another address was proven, whoever reads the mails of the one before must not get in by this. And once the
        password was changed, nobody may be in who knew the one before: a mail of then must not open the account.
        """
        since = (self.account.confirmed, self.account.password_changed)
        return all(moment is None or moment <= self.happened.at for moment in since)


@dataclass(frozen=True, slots=True)
class Disowned:
    """What came of it: what is owed in Redis, and the token of a link to a new password, empty where there is none."""

    doubted: Doubted
    entries: list[Entry]
    reset: str


@dataclass(frozen=True, slots=True)
class NotMeRooms:
    """What this works with."""

    engine: AsyncEngine
    outbox: Outbox
    history: History
    browsers: Browsers
    store: AccountStore
    changes: AccountChanges
    sessions: SessionService
    links: LinkMaker


class NotMeService:
    """Links of "was this you?". Both methods raise DeadLink, and StoreUnavailable where the database is away."""

    def __init__(self, rooms: NotMeRooms) -> None:
        self._rooms = rooms

    async def find(self, token: str) -> Doubted:
        """Find which sign-in a link is about; changes nothing."""
        happened = await self._rooms.history.of_link(token_hash(token)) if is_token(token) else None
        found = await self._rooms.store.by_id(happened.account_id) if happened else None
        if happened is None or found is None:
            raise DeadLink
        doubted = Doubted(happened, found.account)
        return replace(doubted, lives=await self._lives(doubted))

    @shielded
    async def disown(self, token: str, origin: Origin) -> Disowned:
        """Forget the browser of a sign-in, and owe the end of its sessions; ``origin`` is who says so.

        The sessions are the caller's to end, by what is owed.
        """
        # The account may change between the look and the act. Then it is looked at again: the link is still good.
        while True:
            doubted = await self.find(token)
            reset = self._new_password(doubted)
            entries = [owed.end_browser(doubted.account.id, doubted.happened.browser, doubted.session_id)]
            if await self._apply(doubted, _change(doubted, origin, reset, entries)):
                return Disowned(doubted, entries, self._token_of(reset))

    def _new_password(self, doubted: Doubted) -> NewLink | None:
        if not doubted.leads_to_password:
            return None
        return self._rooms.links.make("reset", doubted.account.id, doubted.account.email)

    @answering
    async def _apply(self, doubted: Doubted, change: Change) -> bool:
        account_id, happened = doubted.account.id, doubted.happened
        async with self._rooms.engine.begin() as db:
            changed = await self._rooms.changes.within(db, account_id, change)
            if changed is None or not await self._rooms.history.use_link(db, happened.token_hash):
                await db.rollback()
                return False
            if happened.browser:
                await self._rooms.browsers.forget(db, account_id, happened.browser)
        self._rooms.outbox.wake()
        return True

    def _token_of(self, reset: NewLink | None) -> str:
        return (self._rooms.links.token_of(reset.seed, reset.link.token_hash) or "") if reset else ""

    async def _lives(self, doubted: Doubted) -> bool | None:
        try:
            listing = await self._rooms.sessions.list(doubted.account.id)
        except StoreUnavailable:
            # The page is worth having all the same, and so is the act.
            return None
        return any(doubted.is_of_it(session) for session in listing.sessions)


def _change(doubted: Doubted, origin: Origin, reset: NewLink | None, entries: list[Entry]) -> Change:
    account, browser = doubted.account, doubted.happened.browser
    return Change(
        # What the link to a new password depends on.
        expects={
            "email": account.email,
            "confirmed": account.confirmed,
            "password_changed": account.password_changed,
        },
        # Whoever was in may have asked for another email, and have the mail with the link to it by now.
        kills=["change"],
        new_links=[reset.link] if reset else [],
        entries=entries,
        events=[Event("not-me", account.id, now(), origin, {"device": doubted.device.label}, browser)],
    )
