"""Looking after one session: writing down that it began, and one day that it ended, and why."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from webapp.accounts.browsers import Browsers, ShownBrowser
from webapp.accounts.changes import lock
from webapp.accounts.model import Account
from webapp.accounts.service import AccountService
from webapp.database import answering
from webapp.history import Event, History, Origin
from webapp.history.model import ended_id, signed_in_id
from webapp.outbox import Entry, NotYet, Outbox
from webapp.sessions.model import Ending, Look, Session
from webapp.sessions.service import SessionService

from .entries import AFTER_THE_REQUEST, Watched
from .letters import NEW_SIGN_IN, TWO_PLACES, WatchLetters

# In the body: when, by Redis's clock, it was first looked at and there was nothing of it.
MISSED = "missed"
# Every session leaves a mark of its beginning for so long (LATEST in sessions/scripts/record.lua).
MARKED = timedelta(minutes=20)
# A session is looked at that often, in case that nobody could tell of its end when it came.
AT_LEAST_EVERY = timedelta(days=1)
# Redis removes a key some moments after its time. So much later it is looked at, and so not more often either.
SLACK = timedelta(seconds=5)
# A session that is gone so soon after it would have been over was over then, but for these minutes at most. Later on
# nobody knows: somebody may have come meanwhile, and it was over hours afterwards; or an older version has ended it,
# which leaves no word; or Redis has lost it.
SOON_ENOUGH = 15 * 60
# Of endings that no browser is told of, since it knows, has a newer session, or has never had this one.
TOLD_TO_NOBODY = frozenset({"signed-out", "replaced", "refused"})


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the watch works with."""

    engine: AsyncEngine
    outbox: Outbox
    history: History
    browsers: Browsers
    accounts: AccountService
    sessions: SessionService
    letters: WatchLetters


class SessionWatch:
    """Does the entries of the kind ``watch``, as often as they are due."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def look(self, entry: Entry) -> None:
        """Write down what has become of a session; raises NotYet while it lives, and StoreUnavailable."""
        watched = Watched.of(entry)
        look = await self._rooms.sessions.look(watched.account_id, watched.session_id)
        if not self._began(entry):
            if self._never_was(entry, look):
                await self._forget(watched, look)
                return
            await self._write_arrival(entry, watched)
            entry = replace(entry, body={**entry.body, "began": "y"})
        if look.session is not None:
            raise self._when_it_may_have_ended(entry, look.session, look.now)
        await self._write_ending(watched, _ending(entry, look))
        await self._forget(watched, look)

    def _began(self, entry: Entry) -> bool:
        return entry.body.get("began") == "y"

    def _never_was(self, entry: Entry, look: Look) -> bool:
        """Tell whether nobody was let in after all; raises NotYet where that is too early to say.

        One look does not say it: to a server whose clock is ahead an entry of this moment is an old one, and whoever
        signs in may still be at it. So it takes two of them, as far apart by Redis's clock as such a request lasts.
        Where the mark of its beginning would be gone by now, nobody knows. Then it is told: rather a line too much than
        a thief without one.
        """
        if look.ending is not None:
            # Whoever started it found out that it was not to be, and has given the cookie to nobody.
            return look.ending.reason == "refused"
        if look.session is not None or look.begun:
            return False
        now = self._rooms.outbox.clock()
        # A clock that was put back since begins anew.
        missed = min(int(entry.body.get(MISSED, look.now)), look.now)
        left = AFTER_THE_REQUEST - timedelta(seconds=look.now - missed)
        if left > timedelta():
            raise NotYet(replace(entry, body={**entry.body, MISSED: str(missed)}), now + left)
        return now - entry.created < MARKED

    async def _write_arrival(self, entry: Entry, watched: Watched) -> None:
        account = await self._rooms.accounts.find(watched.account_id)
        if account is None:
            return
        # Whether it stands already is found out where it is written: it never does, but after a crash.
        happened = Event(
            "signed-in",
            watched.account_id,
            entry.created,
            watched.origin,
            {"method": watched.method},
            watched.browser.name if watched.browser else "",
            id=signed_in_id(watched.session_id),
        )
        if not await self._is_news(account, watched):
            await self._note_arrival(watched.browser, happened)
            return
        link = self._rooms.letters.new_link()
        asked = replace(happened, token_hash=link.token_hash, token_until=link.until)
        letters = self._rooms.letters.signed_in(account, asked, link)
        await self._counted(NEW_SIGN_IN, account, self._note_arrival(watched.browser, happened, asked, letters))

    async def _counted(self, purpose: str, account: Account, noting: Awaitable[bool]) -> None:
        """Write what a mail was counted for, and count one less unless it is owed now.

        Another server may have been faster, or SQL away; mails that never were shall keep none from being sent.
        """
        is_owed = False
        try:
            is_owed = await noting
        finally:
            if not is_owed:
                await self._rooms.letters.give_back(purpose, account)

    async def _is_news(self, account: Account, watched: Watched) -> bool:
        """Tell whether somebody has to be asked if it was them. What is no news uses none of a day's notices up."""
        if watched.method == "registration":
            return False
        if watched.browser and await self._rooms.browsers.knows(account.id, watched.browser):
            return False
        return await self._rooms.letters.may_ask(account)

    @answering
    async def _note_arrival(
        self, browser: ShownBrowser | None, happened: Event, asked: Event | None = None, letters: Sequence[Entry] = ()
    ) -> bool:
        """Write the arrival, as ``asked`` and with the letters if the browser is still a new one; tells if it was."""
        async with self._rooms.engine.begin() as db:
            if await lock(db, happened.account_id) is None:
                return False
            is_new = not browser or await self._keep(db, browser, happened)
            asks = asked is not None and is_new
            if not await self._rooms.history.note(db, asked if asked and is_new else happened):
                # Another server was faster, and the browser may have been forgotten since.
                await db.rollback()
                return False
            if asks:
                await self._rooms.outbox.put(db, letters)
        self._rooms.outbox.wake({letter.kind for letter in letters})
        return asks

    async def _keep(self, db: AsyncConnection, browser: ShownBrowser, happened: Event) -> bool:
        """Know a browser from its sign-in on, and tell whether it is a new one.

        Not one whose sessions its owner has disowned since: what is noted late would make it known again.
        """
        disowned = await self._rooms.history.lately(db, happened.account_id, "not-me", happened.at)
        if any(each.browser == browser.name for each in disowned):
            return True
        return await self._rooms.browsers.keep(db, happened.account_id, browser, happened.at)

    async def _forget(self, watched: Watched, look: Look) -> None:
        """Leave in Redis no more of a session than its browser has to be told: what it was, the history has."""
        if look.ending is None:
            return
        if look.ending.reason in TOLD_TO_NOBODY:
            await self._rooms.sessions.forget_endings(watched.account_id, [watched.session_id])
        else:
            await self._rooms.sessions.trim_ending(watched.account_id, watched.session_id)

    def _when_it_may_have_ended(self, entry: Entry, session: Session, now: int) -> NotYet:
        """Give when to look again: as soon as it would be over, had nobody come; else it is put off further then.

        Counted in what Redis's clock has left of it, so that it does not matter how far ours is from that one.
        """
        lengths = {"idle": str(session.idle), "age": str(session.expires - session.created)}
        body = {**entry.body, "ends": str(session.ends), "expires": str(session.expires), **lengths}
        left = timedelta(seconds=max(session.ends - now, 0)) + SLACK
        return NotYet(replace(entry, body=body), self._rooms.outbox.clock() + min(left, AT_LEAST_EVERY))

    async def _write_ending(self, watched: Watched, happened: Event) -> None:
        account = await self._rooms.accounts.find(watched.account_id)
        if account is None or await self._rooms.history.find(happened.id) is not None:
            return
        if letters := await self._rooms.letters.ended(account, happened):
            await self._counted(TWO_PLACES, account, self._note_ending(happened, letters))
        else:
            await self._note_ending(happened, letters)

    @answering
    async def _note_ending(self, happened: Event, letters: Sequence[Entry]) -> bool:
        """Write the end, with the letters; tells whether it was this one that did."""
        async with self._rooms.engine.begin() as db:
            if await lock(db, happened.account_id) is None:
                return False
            is_first = await self._rooms.history.note(db, happened)
            if is_first:
                await self._rooms.outbox.put(db, letters)
            await self._rooms.history.close(db, happened.origin.session_id)
        self._rooms.outbox.wake({letter.kind for letter in letters})
        return is_first


def _ending(entry: Entry, look: Look) -> Event:
    watched = Watched.of(entry)
    if look.ending is not None:
        return _told(watched, look.ending)
    reason, at = _by_itself(entry, look.now)
    after = {"after": entry.body[reason]} if reason in {"idle", "age"} else {}
    return _ended(watched, watched.origin, at, {"reason": reason, **after})


def _told(watched: Watched, ending: Ending) -> Event:
    session = ending.session
    # The place of an address that it has moved to since is not known here.
    place = watched.origin.place if session.address == watched.origin.address else ""
    origin = Origin(session.id, session.device.encode(), session.address, place)
    # Refused after all, and yet it stands in the history: it was looked at while that was being found out.
    reason = "unknown" if ending.reason == "refused" else ending.reason
    details = {"reason": reason, "by": ending.by, "name": session.name}
    return _ended(watched, origin, ending.at, {name: value for name, value in details.items() if value})


def _ended(watched: Watched, origin: Origin, at: int, details: dict[str, str]) -> Event:
    moment = datetime.fromtimestamp(at, UTC)
    return Event("ended", watched.account_id, moment, origin.cut(), details, id=ended_id(watched.session_id))


def _by_itself(entry: Entry, now: int) -> tuple[str, int]:
    """Say why a session is gone that nobody has ended, and when.

    At its last look it would have lived until ``ends``, so it was unused since, or too old; unless it is gone before,
    or nobody has looked for long after that.
    """
    ends = int(entry.body.get("ends", 0))
    if not ends or not 0 <= now - ends <= SOON_ENOUGH:
        return "unknown", now
    return ("age" if ends >= int(entry.body["expires"]) else "idle"), ends
