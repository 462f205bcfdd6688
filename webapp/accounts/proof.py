"""Proving that an account is one's own, by its password."""

import logging
from dataclasses import dataclass, field, replace
from typing import Protocol

from webapp.errors import Busy, StoreUnavailable, WrongCredentials

from . import emails
from .model import Credentials
from .passwords import PasswordHasher
from .store import AccountStore
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


class Prover:
    """Checks passwords, and counts those that are wrong.

    Both methods raise WrongCredentials, TooManyTries, Busy and StoreUnavailable, and give the account with the hash
    that its password has by then. ``network`` is whose tries are counted.
    """

    def __init__(self, store: AccountStore, hasher: PasswordHasher, attempts: Attempts) -> None:
        self._store = store
        self._hasher = hasher
        self._attempts = attempts

    async def by_email(self, email: str, password: str, *, network: str) -> Credentials:
        """Find the account of an email; an unknown one is refused as a wrong password is, after the same work."""
        email_key = key_of(email)
        with self._hasher.place() as place:
            found = await self._store.by_email_key(email_key)
            return await self._prove(found, Claim(email_key, password, network), place)

    async def by_id(self, account_id: str, password: str, *, network: str) -> Credentials:
        """Check the password of somebody who is signed in."""
        with self._hasher.place() as place:
            found = await self._store.by_id(account_id)
            return await self._prove(found, Claim(found.email_key if found else NO_EMAIL, password, network), place)

    async def _prove(self, found: Credentials | None, claim: Claim, place: Place) -> Credentials:
        # The place in the queue is kept by now: whom there is none for shall not lose a try to it. The try is counted
        # before the password is looked at: else a hundred guesses sent at once would all pass the limit before the
        # first of them was found wrong.
        await self._attempts.take(claim.email_key, claim.network)
        right = await self._hasher.verify(claim.password, found.password_hash if found else None, place)
        if found is None or not right:
            raise WrongCredentials
        await self._attempts.clear(claim.email_key, claim.network)
        return await self._renew_hash(found, claim.password)

    async def _renew_hash(self, found: Credentials, password: str) -> Credentials:
        # Only now, with the password at hand, can a hash move on to today's parameters. It is not worth failing for.
        if not self._hasher.outdated(found.password_hash):
            return found
        try:
            renewed = await self._hasher.hash(password)
            if await self._store.replace_hash(found.account.id, found.password_hash, renewed):
                return replace(found, password_hash=renewed)
        except (Busy, StoreUnavailable) as error:
            log.warning("The password hash of account %s keeps its old parameters: %s.", found.account.id, error)
        return found


def key_of(email: str) -> str:
    """Give the key of an email; of what cannot be one, a key that no account has."""
    try:
        return emails.normalise(email)
    except ValueError:
        return NO_EMAIL
