"""What owners are written about their sessions, and about tries to get in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from webapp import words
from webapp.accounts.model import Account
from webapp.accounts.store import AccountStore
from webapp.accounts.tools import Mails
from webapp.history import Event
from webapp.history.model import now
from webapp.outbox import Entry
from webapp.sessions.device import Device
from webapp.throttle.attempts import FAILURES, MOST_STEPS, STEP

# How long the link of "was this you?" opens something: as long as people take to read their mail after a journey.
NOT_ME_FOR = timedelta(days=7)
# The purposes by which notices are counted (throttle/mails.py).
NEW_SIGN_IN, TWO_PLACES = "new-sign-in", "two-places"


@dataclass(frozen=True, slots=True)
class NotMeLink:
    """The link by which somebody says that a sign-in was not theirs; ``seed`` makes its token in the mail."""

    seed: str = field(repr=False)
    token_hash: str = field(repr=False)
    until: datetime


class WatchLetters:
    """Makes the entries of mails; none at all where the site sends no mail.

    ``may_ask`` and ``ended`` count a mail, so they come before the transaction that puts the entry; ``give_back`` is
    for one that puts none.
    """

    def __init__(self, store: AccountStore, mails: Mails) -> None:
        self._store = store
        self._mails = mails

    def new_link(self) -> NotMeLink:
        """Make a link that nobody has yet."""
        return NotMeLink(*self._mails.links.new_token(), now() + NOT_ME_FOR)

    async def may_ask(self, account: Account) -> bool:
        """Count a mail that asks whether it was you, as ``_may_tell`` does."""
        return await self._may_tell(NEW_SIGN_IN, account)

    def signed_in(self, account: Account, happened: Event, link: NotMeLink) -> list[Entry]:
        """Ask whether it was you who has signed in on a browser that the account is not known on."""
        opening = {"seed": link.seed, "hash": link.token_hash, "expires": _seconds(link.until)}
        return self._letter("new-sign-in", account, {**_seen(happened), **opening})

    async def ended(self, account: Account, happened: Event) -> Sequence[Entry]:
        """Tell of an end that its owner has to know of: nothing but one whose secret was used in two places."""
        if happened.details.get("reason") != "two-places" or not await self._may_tell(TWO_PLACES, account):
            return []
        return self._letter("used-in-two-places", account, _seen(happened))

    def many_tries(self, account: Account, tries: int) -> list[Entry]:
        """Tell how many tries of the last day have failed; whoever calls this sees to it that it is once a day."""
        return self._to_proven("many-failed-tries", account, {"at": _seconds(now()), "tries": str(tries)})

    def limit_reached(self, account: Account, at: datetime) -> list[Entry]:
        """Tell that new browsers are refused since ``at``, and how to get in all the same; once a day, as above."""
        values = {"at": _seconds(at), "tries": str(FAILURES), "pause": words.roughly(STEP * MOST_STEPS)}
        return self._to_proven("tries-limit-reached", account, values)

    async def give_back(self, purpose: str, account: Account) -> None:
        """Count one less: the mail that was counted is not owed after all."""
        await self._mails.give_back(account, purpose)

    async def _may_tell(self, purpose: str, account: Account) -> bool:
        """Count a notice; False when the inbox has had enough of them for today, or the site sends no mail."""
        found = await self._store.by_id(account.id) if self._mails.letters.sent else None
        return found is not None and await self._mails.may_tell(found, purpose)

    def _to_proven(self, letter: str, account: Account, values: dict[str, str]) -> list[Entry]:
        # Anybody can make an account have failed tries, and an address that nobody has proven may be a stranger's.
        return [] if account.confirmed is None else self._letter(letter, account, values)

    def _letter(self, letter: str, account: Account, values: dict[str, str]) -> list[Entry]:
        return self._mails.letters.letter(letter, account, account.email, values)


def _seen(happened: Event) -> dict[str, str]:
    """Say when it was, on which device and where. No address: a mail outlives what the history keeps of one."""
    device = Device.decode(happened.origin.device)
    return {"at": _seconds(happened.at), "device": device.label, "place": happened.origin.place}


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))
