"""The email of an account: proven by a link, changed by one, and brought back by one.

A link works without being signed in: who has it reads the mail of the address that it is about.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.errors import DeadLink, SameEmail
from webapp.history import NOWHERE, Event, Origin, now
from webapp.outbox import Entry
from webapp.shielding import shielded

from . import emails, owed
from .changes import Change
from .links import Link, Purpose
from .model import Account, Credentials
from .owed import ERASURE
from .passwords import locked
from .tools import Mails, Tables


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link is about, and whose it is."""

    link: Link
    credentials: Credentials

    @property
    def account(self) -> Account:
        """Whose it is."""
        return self.credentials.account

    @property
    def email(self) -> str:
        """The address that is proven by it, or comes back."""
        return self.link.email


class AddressService:
    """The emails of accounts. Every method may raise StoreUnavailable."""

    def __init__(self, tables: Tables, mails: Mails) -> None:
        self._store = tables.store
        self._changes = tables.changes
        self._links = mails.links
        self._letters = mails.letters
        self._limit = mails.limit

    @shielded
    async def resend(self, account_id: str) -> bool:
        """Send the link once more that proves the account's email; False when it is proven. Raises TooManyTries."""
        found = await self._store.by_id(account_id)
        if found is None or found.account.confirmed is not None:
            return False
        account = found.account
        await self._limit.take("confirm", found.email_key)
        new = self._links.make("confirm", account_id, account.email)
        letters = self._letters.confirm_email(account, new)
        expects = {"email": account.email, "confirmed": None}
        change = Change(expects=expects, new_links=[new.link], entries=letters)
        return await self._changes.apply(account_id, change) is not None

    @shielded
    async def request_change(self, account_id: str, email: str) -> None:
        """Send a link to a new address, which becomes the account's when the link is used; an older one is dead.

        Whether the address is somebody's already is told to nobody who does not read its mail. Raises SameEmail,
        TooManyTries, and ValueError with words for the person where ``emails.check`` would.
        """
        email = emails.check(email)
        found = await self._store.by_id(account_id)
        if found is None:
            return
        if found.account.email == email:
            raise SameEmail
        # By who asks as well: the limit for each address keeps nobody from naming one stranger after the other.
        await self._limit.take("change-by", account_id)
        await self._limit.take("change", emails.normalise(email))
        new = self._links.make("change", account_id, email)
        letters = self._letters.confirm_new_email(found.account, new)
        # Where the owner has changed something meanwhile, what was asked for before is not wanted any more.
        expects = {"email": found.account.email, "password_changed": found.account.password_changed}
        await self._changes.apply(account_id, Change(expects=expects, new_links=[new.link], entries=letters))

    async def pending(self, account_id: str) -> Link | None:
        """Give the link whose use would change the account's email, if there is one."""
        now = datetime.now(UTC)
        living = (link for link in await self._store.links_of(account_id) if link.expires > now)
        return next((link for link in living if link.purpose == "change"), None)

    async def cancel_change(self, account_id: str) -> None:
        """Let the link to a new address be dead."""
        await self._changes.apply(account_id, Change(kills=["change"]))

    async def find(self, token: str) -> Opened:
        """Find what a link would prove; changes nothing. Raises DeadLink."""
        opened = await self._opened(token, "confirm", "change")
        # One that proves an address which is not the account's any more proves nothing.
        if opened.link.purpose == "confirm" and opened.account.email != opened.email:
            raise DeadLink
        return opened

    async def confirm(self, token: str, origin: Origin = NOWHERE) -> tuple[Account, list[Entry]]:
        """Do what the link is for: give the account as it is now, and what that owes.

        Raises DeadLink, and EmailTaken where somebody else had the address first; the link stays good then.
        """
        opened = await self.find(token)
        return await self._apply(
            self._prove(opened) if opened.link.purpose == "confirm" else self._move(opened, origin), opened
        )

    async def find_restore(self, token: str) -> Opened:
        """Find which address a link would bring back; changes nothing. Raises DeadLink."""
        return await self._opened(token, "restore")

    async def restore(self, token: str, origin: Origin = NOWHERE) -> tuple[Account, list[Entry]]:
        """Bring an address back, end every session, and send it a link to a new password, without which nobody gets in.

        Whoever moved the account away knew the password, so it is refused as the new one. An erasure that he may have
        planned is off. Raises DeadLink, and EmailTaken.
        """
        opened = await self.find_restore(token)
        account_id = opened.account.id
        reset = self._links.make("reset", account_id, opened.email)
        password_hash = locked(opened.credentials.password_hash)
        no_way_in = {"password_hash": password_hash, "password_changed": datetime.now(UTC), "erase_at": None}
        change = Change(
            {**_proven(opened.link), **no_way_in},
            uses=opened.link,
            kills=["confirm", "change", "reset"],
            # The older one of two outranks the other: a thief who moved on twice holds a way back too, to his own.
            kills_back_since=opened.link.created,
            new_links=[reset.link],
            cancels=[ERASURE],
            entries=[
                owed.end_sessions(account_id, reason="email", by=origin.device),
                owed.show_account(account_id),
                *self._letters.email_restored(opened.account, opened.email, reset),
                *self._letters.email_moved_back(opened.account, opened.email),
            ],
            events=_restored(opened, origin),
            # Whoever moved the account away has signed in on one of them. The next password is set by a link.
            forgets_browsers=True,
        )
        return await self._apply(change, opened)

    def _prove(self, opened: Opened) -> Change:
        entries = [owed.show_account(opened.account.id)]
        return Change({"confirmed": datetime.now(UTC)}, {"email": opened.email}, opened.link, entries=entries)

    def _move(self, opened: Opened, origin: Origin) -> Change:
        account = opened.account
        # Only an address that was proven gets a way back: one that was mistyped at the registration is a stranger's,
        # who could take the account with it.
        back = self._links.make("restore", account.id, account.email) if account.confirmed else None
        return Change(
            _proven(opened.link),
            {"email": account.email, "confirmed": account.confirmed},
            opened.link,
            kills=["confirm", "change", "reset"],
            new_links=[back.link] if back else [],
            entries=[
                owed.show_account(account.id),
                *self._letters.email_changed(account, opened.email, back),
            ],
            events=[Event("email-changed", account.id, now(), origin, _from_to(opened))],
        )

    async def _apply(self, change: Change, opened: Opened) -> tuple[Account, list[Entry]]:
        account = await self._changes.apply(opened.account.id, change)
        if account is None:
            raise DeadLink
        return account, [entry for entry in change.entries if entry.kind != owed.MAIL]

    async def _opened(self, token: str, *purposes: Purpose) -> Opened:
        link = await self._store.living_link(token, purposes)
        found = await self._store.by_id(link.account_id) if link else None
        if link is None or found is None:
            raise DeadLink
        return Opened(link, found)


def _restored(opened: Opened, origin: Origin) -> list[Event]:
    account = opened.account
    back = Event("email-restored", account.id, now(), origin, _from_to(opened))
    kept = Event("erasure-cancelled", account.id, now(), origin)
    return [kept, back] if account.erase_at else [back]


def _from_to(opened: Opened) -> dict[str, str]:
    # Whoever else may be in reads it too.
    return {"from": owed.masked(opened.account.email), "to": owed.masked(opened.email)}


def _proven(link: Link) -> dict[str, object]:
    return {"email": link.email, "email_key": link.email_key, "confirmed": datetime.now(UTC)}
