"""A new password: by whoever knows the old one, or by whoever reads the account's mail.

Either way every session that is open somewhere else ends (promise 9). That, and the mail that tells of it, is owed from
the moment at which the new password stands.
"""

from datetime import UTC, datetime

from webapp.errors import DeadLink, SamePassword, WeakPassword, WrongCredentials
from webapp.history import Event, now
from webapp.outbox import Entry
from webapp.shielding import shielded

from . import emails, owed
from .changes import Change
from .client import Client
from .links import LIFETIMES, Link, Purpose
from .model import Account, Credentials
from .owed import Kept
from .passwords import normalise, unlocked
from .tools import Mails, Passwords, Tables

# What a new password makes worthless: links to another one, and a change of the email that a thief may have begun.
DEAD_BY_PASSWORD: tuple[Purpose, ...] = ("reset", "change")


class PasswordService:
    """Passwords that are changed, and those that are forgotten. Every method may raise StoreUnavailable."""

    def __init__(self, tables: Tables, passwords: Passwords, mails: Mails) -> None:
        self._store = tables.store
        self._changes = tables.changes
        self._outbox = tables.outbox
        self._rules = passwords.rules
        self._hasher = passwords.hasher
        self._prover = passwords.prover
        self._links = mails.links
        self._letters = mails.letters
        self._limit = mails.limit
        self._mails = mails

    async def change(self, account_id: str, current: str, new: str, *, keep: Kept, client: Client) -> list[Entry]:
        """Put ``new`` in the place of ``current``, and give what that owes.

        ``keep`` is the session that stays; giving it a new secret is the caller's. No browser but that of ``client`` is
        known with the new password. Raises WrongCredentials, also when another change came first, WeakPassword,
        SamePassword, TooManyTries and Busy.
        """
        if (found := await self._store.by_id(account_id)) is None:
            raise WrongCredentials
        await self._judge(new, found.account)
        proven = await self._prover.by_id(
            account_id, current, network=client.network, session_id=keep.session_id, device=client.device
        )
        if normalise(new) == normalise(current):
            raise SamePassword
        values = await self._fresh(new)
        letters = await self._notice(proven, client)
        ending = owed.end_sessions(account_id, by=client.origin.device, keep=keep)
        change = Change(
            values,
            {"password_hash": proven.password_hash},
            kills=DEAD_BY_PASSWORD,
            entries=[ending, *letters],
            events=[Event("password-changed", account_id, now(), client.origin)],
            forgets_browsers=True,
            knows=await client.browser_of(account_id),
        )
        if await self._changes.apply(account_id, change) is None:
            raise WrongCredentials
        return [ending]

    @shielded
    async def request_reset(self, email: str, *, network: str) -> None:
        """Have a link sent to whoever has this email, if anybody has.

        Nothing in here depends on that: it is looked up later, by the task that sends mails, and no answer's time can
        tell. Raises TooManyTries where a link was asked for a moment ago, whether somebody has the email or not, or
        where ``network`` has asked for too many, and ValueError with words for the person where ``emails.check`` would.
        """
        email_key = emails.normalise(email)
        await self._limit.take("reset-from", network)
        await self._limit.take("reset", email_key)
        await self._outbox.add(owed.reset(email_key, LIFETIMES["reset"]))

    async def send_reset(self, entry: Entry) -> None:
        """Do what ``request_reset`` left to be done: make the link, and the mail that brings it."""
        found = await self._store.by_email_key(entry.body["email_key"])
        if found is None:
            return
        account = found.account
        new = self._links.make("reset", account.id, account.email)
        letters = self._letters.reset_password(account, new)
        # Never to an address that was typed into a form: only to the one that stands, in the moment at which it does.
        change = Change(expects={"email": account.email}, new_links=[new.link], entries=letters, pays=entry)
        await self._changes.apply(account.id, change)

    async def find_reset(self, token: str) -> Account:
        """Find whose password a token lets one choose; changes nothing. Raises DeadLink."""
        return (await self._opened(token))[1].account

    async def reset(self, token: str, new: str, *, client: Client) -> list[Entry]:
        """Give the account of a link a new password, and give what that owes; the link is used by it.

        No browser but that of ``client`` is known with it; who knew the old one has used the others, maybe. Raises
        DeadLink, WeakPassword, SamePassword and Busy.
        """
        link, found = await self._opened(token)
        account = found.account
        await self._judge(new, account)
        async with self._hasher.turn() as place:
            if await self._hasher.verify(new, unlocked(found.password_hash), place):
                raise SamePassword
        values = await self._fresh(new)
        entries = [owed.end_sessions(account.id, by=client.origin.device)]
        letters = self._letters.password_changed(account, by_reset=True, where=client.where)
        if account.confirmed is None:
            # Whoever has the link reads the mail.
            values["confirmed"] = datetime.now(UTC)
            entries.append(owed.show_account(account.id))
        change = Change(
            values,
            {"email": link.email},
            link,
            kills=DEAD_BY_PASSWORD,
            entries=[*entries, *letters],
            events=[Event("password-changed", account.id, now(), client.origin, {"how": "reset"})],
            forgets_browsers=True,
            knows=await client.browser_of(account.id),
        )
        if await self._changes.apply(account.id, change) is None:
            raise DeadLink
        await self._prover.forgive(found.email_key)
        return entries

    async def _opened(self, token: str) -> tuple[Link, Credentials]:
        link = await self._store.living_link(token, ["reset"])
        found = await self._store.by_id(link.account_id) if link else None
        if link is None or found is None or found.account.email != link.email:
            raise DeadLink
        return link, found

    async def _judge(self, new: str, account: Account) -> None:
        if reason := await self._rules.weakness(new, email=account.email, name=account.name):
            raise WeakPassword(reason)

    async def _fresh(self, new: str) -> dict[str, object]:
        return {"password_hash": await self._hasher.hash(new), "password_changed": datetime.now(UTC)}

    async def _notice(self, proven: Credentials, client: Client) -> list[Entry]:
        if not await self._mails.may_tell(proven):
            return []
        return self._letters.password_changed(proven.account, by_reset=False, where=client.where)
