"""Tries to sign in that failed: noted before the answer, and told to the owner of the account, if there is one.

What the answer waits for is one line in the outbox, the same for an email that nobody has (promise 11). Whether
somebody has it is looked up later, by the server. An attack would fill a history with lines, so an hour of tries from
one network is one line with their count.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from webapp.accounts.changes import lock
from webapp.accounts.model import Account
from webapp.accounts.store import AccountStore
from webapp.database import answering
from webapp.history import Event, History, Origin
from webapp.history.model import cut_address
from webapp.outbox import Entry, Outbox
from webapp.places import Places
from webapp.sessions.device import Device
from webapp.throttle.attempts import FAILURES

from .entries import FAILED, FOR_EVER
from .letters import WatchLetters

# So many failed tries in so long are worth a mail. Whoever has forgotten a password tries it three to five times.
MANY, WITHIN = 10, timedelta(days=1)
# In the details of a line: that one of these mails was owed when it was counted. Anybody can make an account have them,
# so there is one of each in a day. It stands in SQL, where it is undone with all else when the transaction fails.
MANY_TOLD, LIMIT_TOLD = "many_told", "limit_told"


class FailedTries:
    """Notes tries that failed."""

    def __init__(self, outbox: Outbox, places: Places) -> None:
        self._outbox = outbox
        self._places = places

    async def failed(self, email_key: str, network: str, device: str, consecutive: int) -> None:
        """Note one, of whichever email; raises StoreUnavailable.

        ``network`` is what tries are counted by, of which a part is kept, ``device`` the label of the browser, and
        ``consecutive`` how many have failed in a row from browsers that the account does not know, with this one.
        """
        address, _, _ = network.partition("/")
        body = {
            "email_key": email_key,
            "device": Device(device, "unknown").encode(),
            "address": cut_address(address),
            "place": self._places.place_of(address),
            "consecutive": str(consecutive),
        }
        await self._outbox.add(Entry.new(FAILED, None, body, patience=FOR_EVER))


@dataclass(frozen=True, slots=True)
class FailureRooms:
    """What telling of failed tries takes."""

    engine: AsyncEngine
    outbox: Outbox
    history: History
    accounts: AccountStore
    letters: WatchLetters


class FailureWatch:
    """Does the entries of the kind ``failed``: each is counted once, however often it is tried."""

    def __init__(self, rooms: FailureRooms) -> None:
        self._rooms = rooms

    async def tell(self, entry: Entry) -> None:
        """Count a try in the history of whoever has the email, and owe a mail where it is one too many."""
        found = await self._rooms.accounts.by_email_key(entry.body["email_key"])
        if found is not None:
            await self._count(found.account.id, entry)

    @answering
    async def _count(self, account_id: str, entry: Entry) -> None:
        async with self._rooms.engine.begin() as db:
            # The account first, as every change does. So of two tries each is counted after the other, and of two
            # servers that are at the same entry the second one finds it gone.
            found = await lock(db, account_id)
            if found is None or not await self._rooms.outbox.remove(db, entry.id):
                return
            happened = _event(found.account, entry)
            owed = await self._letters(db, found.account, happened, entry)
            told = {mark: "y" for mark, letters in owed.items() if letters}
            await self._rooms.history.count(db, replace(happened, details={**happened.details, **told}))
            await self._rooms.outbox.put(db, [letter for letters in owed.values() for letter in letters])
        self._rooms.outbox.wake()

    async def _letters(
        self, db: AsyncConnection, account: Account, happened: Event, entry: Entry
    ) -> Mapping[str, list[Entry]]:
        """Make what is to be sent, by the marks that it leaves."""
        lately = await self._rooms.history.lately(db, account.id, "failed", happened.at - WITHIN)
        told = {mark for each in lately for mark in each.details}
        # From then on and not only then: the one that reached it may have hung up before it was noted.
        if int(entry.body["consecutive"]) >= FAILURES:
            # It says the same as the other one, and more.
            return {} if LIMIT_TOLD in told else {LIMIT_TOLD: self._rooms.letters.limit_reached(account, happened.at)}
        tries = 1 + sum(int(each.details["count"]) for each in lately)
        if tries < MANY or told & {MANY_TOLD, LIMIT_TOLD}:
            return {}
        return {MANY_TOLD: self._rooms.letters.many_tries(account, tries)}


def _event(account: Account, entry: Entry) -> Event:
    body, hour = entry.body, f"{entry.created:%Y%m%d%H}"
    origin = Origin(device=body["device"], address=body["address"], place=body["place"])
    same = urlsafe_b64encode(sha256(f"{account.id} {hour} {body['address']}".encode()).digest()).decode()
    return Event("failed", account.id, entry.created, origin, {"count": "1"}, id=f"failed:{same.rstrip('=')}")
