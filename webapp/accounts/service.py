"""What people do with accounts: they get one, and they prove that it is theirs."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from webapp.errors import Busy, StoreUnavailable, WeakPassword, WrongCredentials

from . import emails, names
from .model import Account, Credentials, Role, new_id
from .passwords import PasswordHasher
from .store import AccountStore
from .strength import PasswordRules
from .workers import Place

log = logging.getLogger(__name__)

# Stands for every text that is no email: no key is empty, so no account is ever found by it.
NO_EMAIL = ""


class Attempts(Protocol):
    """Counts wrong passwords, per account and network; ``throttle`` keeps the count."""

    async def take(self, email_key: str, network: str) -> None:
        """Count one try; raises TooManyTries when none is left."""

    async def clear(self, email_key: str, network: str) -> None:
        """Forget the tries: the password was right."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that an account is theirs."""

    email_key: str
    password: str = field(repr=False)
    network: str


class AccountService:
    """Accounts, from the first registration on. Every method may raise StoreUnavailable."""

    def __init__(self, store: AccountStore, hasher: PasswordHasher, rules: PasswordRules, attempts: Attempts) -> None:
        self._store = store
        self._hasher = hasher
        self._rules = rules
        self._attempts = attempts
        self._migrated = False

    async def weakness(self, password: str, *, email: str, name: str) -> str | None:
        """Say in one sentence why ``password`` would be refused for this person, or None; raises Busy."""
        return await self._rules.weakness(password, email=email, name=name)

    async def register(self, email: str, name: str, password: str, role: Role = "member") -> Account:
        """Open an account for somebody new; only an operator gives another ``role`` than a member's.

        Raises EmailTaken, WeakPassword, Busy, and ValueError with words for the person where ``emails.check`` or
        ``names.check`` would.
        """
        account = Account(new_id(), emails.check(email), names.check(name), role, datetime.now(UTC), None)
        if reason := await self.weakness(password, email=email, name=name):
            raise WeakPassword(reason)
        credentials = Credentials(account, emails.normalise(email), await self._hasher.hash(password))
        await self._store.add(credentials)
        return account

    async def authenticate(self, email: str, password: str, *, network: str) -> Account:
        """Find the account that email and password belong to; ``network`` is whose tries are counted.

        Raises WrongCredentials, the same for an unknown email as for a wrong password and after the same work,
        TooManyTries, and Busy.
        """
        email_key = _key(email)
        with self._hasher.place() as place:
            found = await self._store.by_email_key(email_key)
            return await self._prove(found, Claim(email_key, password, network), place)

    async def confirm_password(self, account_id: str, password: str, *, network: str) -> Account:
        """Check the password of somebody who is signed in; raises as ``authenticate`` does, and counts with it."""
        with self._hasher.place() as place:
            found = await self._store.by_id(account_id)
            return await self._prove(found, Claim(found.email_key if found else NO_EMAIL, password, network), place)

    async def find(self, account_id: str) -> Account | None:
        """Find an account by its id."""
        found = await self._store.by_id(account_id)
        return found.account if found else None

    async def find_by_email(self, email: str) -> Account | None:
        """Find an account by its email, in whatever spelling; what cannot be an email has no account."""
        found = await self._store.by_email_key(_key(email))
        return found.account if found else None

    async def set_role(self, account_id: str, role: Role) -> Account | None:
        """Give an account another role, and give the account as it is now; None when it is gone.

        Sessions hold a snapshot of it, which the caller has to write anew.
        """
        return await self.find(account_id) if await self._store.set_role(account_id, role) else None

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
        self._hasher.close()
        self._rules.close()

    async def _prove(self, found: Credentials | None, claim: Claim, place: Place) -> Account:
        # The place in the queue is kept by now: whom there is none for shall not lose a try to it. The try is counted
        # before the password is looked at: else a hundred guesses sent at once would all pass the limit before the
        # first of them was found wrong.
        await self._attempts.take(claim.email_key, claim.network)
        right = await self._hasher.verify(claim.password, found.password_hash if found else None, place)
        if found is None or not right:
            raise WrongCredentials
        await self._attempts.clear(claim.email_key, claim.network)
        await self._renew_hash(found, claim.password)
        return found.account

    async def _renew_hash(self, found: Credentials, password: str) -> None:
        # Only now, with the password at hand, can a hash move on to today's parameters. It is not worth failing for.
        if not self._hasher.outdated(found.password_hash):
            return
        try:
            renewed = await self._hasher.hash(password)
            await self._store.replace_hash(found.account.id, found.password_hash, renewed)
        except (Busy, StoreUnavailable) as error:
            log.warning("The password hash of account %s keeps its old parameters: %s.", found.account.id, error)


def _key(email: str) -> str:
    try:
        return emails.normalise(email)
    except ValueError:
        return NO_EMAIL
