"""What people do with accounts: they get one, they prove that it is theirs, and they say what they are called."""

from datetime import UTC, datetime

from webapp.errors import WeakPassword
from webapp.history import NOWHERE, Event, Origin, now
from webapp.history.model import hourly_id
from webapp.outbox import Entry

from . import emails, names, owed
from .browsers import ShownBrowser
from .changes import Change
from .links import Link
from .model import Account, Credentials, Role, new_id
from .proof import key_of
from .tools import Mails, Passwords, Tables


class AccountService:
    """Accounts, from the first registration on. Every method may raise StoreUnavailable."""

    def __init__(self, tables: Tables, passwords: Passwords, mails: Mails) -> None:
        self._store = tables.store
        self._changes = tables.changes
        self._passwords = passwords
        self._mails = mails
        self._migrated = False

    async def weakness(self, password: str, *, email: str, name: str) -> str | None:
        """Say in one sentence why ``password`` would be refused for this person, or None; raises Busy."""
        return await self._passwords.rules.weakness(password, email=email, name=name)

    async def register(self, email: str, name: str, password: str, role: Role = "member") -> Account:
        """Open an account for somebody new, and ask for a proof of the email by mail.

        Only an operator gives another ``role`` than a member's. Raises EmailTaken, WeakPassword, Busy, and ValueError
        with words for the person where ``emails.check`` or ``names.check`` would.
        """
        account = Account(new_id(), emails.check(email), names.check(name), role, datetime.now(UTC), None)
        if reason := await self.weakness(password, email=email, name=name):
            raise WeakPassword(reason)
        credentials = Credentials(account, emails.normalise(email), await self._passwords.hasher.hash(password))
        await self._changes.open(credentials, self._proof_of_email(account))
        return account

    def _proof_of_email(self, account: Account) -> Change:
        if not self._mails.letters.sent:
            return Change()
        new = self._mails.links.make("confirm", account.id, account.email)
        return Change(new_links=[new.link], entries=self._mails.letters.confirm_email(account, new))

    async def authenticate(
        self,
        email: str,
        password: str,
        *,
        network: str,
        browser: ShownBrowser | None = None,
        device: str = "",
        account_id: str = "",
    ) -> Account:
        """Find the account that email and password belong to.

        ``network`` is whose tries are counted, unless the account knows ``browser``; ``device`` is what its owner is
        told of a wrong password; ``account_id`` is the only account that will do, empty for any. Raises
        WrongCredentials, the same for an unknown email and for another account's as for a wrong password and after the
        same work, TooManyTries, and Busy.
        """
        proven = await self._passwords.prover.by_email(
            email, password, network=network, browser=browser, device=device, account_id=account_id
        )
        return proven.account

    async def confirm_password(
        self, account_id: str, password: str, *, network: str, session_id: str, device: str = ""
    ) -> Account:
        """Check the password of somebody who is signed in, whose session has tries of its own.

        Raises as ``authenticate`` does.
        """
        prover = self._passwords.prover
        return (await prover.by_id(account_id, password, network=network, session_id=session_id, device=device)).account

    async def find(self, account_id: str) -> Account | None:
        """Find an account by its id."""
        found = await self._store.by_id(account_id)
        return found.account if found else None

    async def find_by_email(self, email: str) -> Account | None:
        """Find an account by its email, in whatever spelling; what cannot be an email has no account."""
        found = await self._store.by_email_key(key_of(email))
        return found.account if found else None

    async def rename(self, account_id: str, name: str, origin: Origin = NOWHERE) -> tuple[Account, list[Entry]] | None:
        """Give an account another name: the account as it is now, and what that owes; None when it is gone.

        Raises ValueError with words for the person where ``names.check`` would.
        """
        entries = [owed.show_account(account_id)]
        name = names.check(name)
        found, at = await self.find(account_id), now()
        line = hourly_id("name-changed", account_id, at)
        happened = Event("name-changed", account_id, at, origin, {"name": name}, id=line)
        events = [] if found is not None and found.name == name else [happened]
        account = await self._changes.apply(account_id, Change({"name": name}, entries=entries, events=events))
        return None if account is None else (account, entries)

    async def set_role(self, account_id: str, role: Role) -> tuple[Account, list[Entry]] | None:
        """Give an account another role: the account as it is now, and what that owes; None when it is gone."""
        entries = [owed.show_account(account_id)]
        account = await self._changes.apply(account_id, Change({"role": role}, entries=entries))
        return None if account is None else (account, entries)

    async def links_of(self, account_id: str) -> list[Link]:
        """Give every link in mails that an account has, the oldest first."""
        return await self._store.links_of(account_id)

    async def sweep(self) -> None:
        """Delete the links that open nothing any more."""
        await self._store.sweep()

    async def ping(self) -> None:
        """Raise StoreUnavailable unless the database answers."""
        await self._store.ping()

    async def is_migrated(self) -> bool:
        """Tell whether the database has the tables that this version needs; a newer one's will do as well.

        Once they are there they stay, so it is looked up until then and no more.
        """
        self._migrated = self._migrated or await self._store.is_migrated()
        return self._migrated

    def close(self) -> None:
        """Let the threads go that hash and judge passwords."""
        self._passwords.hasher.close()
        self._passwords.rules.close()
