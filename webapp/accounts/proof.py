"""Proving that an account is one's own, by its password."""

import logging
from dataclasses import dataclass, field, replace
from typing import Protocol

from webapp.deadline import briefly
from webapp.errors import Busy, StoreUnavailable, WrongCredentials
from webapp.shielding import shielded

from . import emails
from .browsers import ShownBrowser
from .model import Credentials
from .passwords import PasswordHasher
from .store import AccountStore
from .workers import Place

log = logging.getLogger(__name__)

# Stands for every text that is no email: no key is empty, so no account is ever found by it.
NO_EMAIL = ""


class Attempts(Protocol):
    """Counts wrong passwords, apart for each browser that the account knows; ``throttle`` keeps the count."""

    async def take(self, email_key: str, network: str, known: str = "") -> int:
        """Count one try; raises TooManyTries when none is left.

        Gives how many tries from browsers that the account does not know will have failed in a row if this one does.
        """

    async def clear(self, email_key: str, network: str, known: str = "") -> None:
        """Forget the tries: the password was right; raises TooManyTries where it was so too often."""

    async def forgive(self, email_key: str) -> None:
        """Forget the tries that failed in a row: the owner reads the account's mail."""


class KnownBrowsers(Protocol):
    """The browsers on which somebody has signed in to an account before."""

    async def known(self, email_key: str, browser: ShownBrowser) -> str:
        """Give the name of a browser that the account of this email knows, or nothing; no account takes as long."""


class Failures(Protocol):
    """Notes wrong passwords, so that the owner can be told; emails that no account has cost just as much."""

    async def failed(self, email_key: str, network: str, device: str, consecutive: int) -> None:
        """Note one; ``consecutive`` is what ``Attempts.take`` gave for it."""


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Stands by while passwords are checked: counts tries, knows browsers, and notes what failed."""

    attempts: Attempts
    browsers: KnownBrowsers
    failures: Failures


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that an account is theirs; ``known`` stands for a browser that the account knows."""

    email_key: str
    password: str = field(repr=False)
    network: str
    device: str
    known: str


class Prover:
    """Checks passwords, and counts those that are wrong.

    ``by_email`` and ``by_id`` raise WrongCredentials, TooManyTries, Busy and StoreUnavailable, and give the account
    with the hash that its password has by then. ``network`` is whose tries are counted, unless they come from a browser
    that the account knows; ``device`` is what its owner is told of a wrong one.
    """

    def __init__(self, store: AccountStore, hasher: PasswordHasher, doorkeeper: Doorkeeper) -> None:
        self._store = store
        self._hasher = hasher
        self._attempts = doorkeeper.attempts
        self._browsers = doorkeeper.browsers
        self._failures = doorkeeper.failures

    async def by_email(
        self,
        email: str,
        password: str,
        *,
        network: str,
        browser: ShownBrowser | None = None,
        device: str = "",
        account_id: str = "",
    ) -> Credentials:
        """Find the account of an email; an unknown one is refused as a wrong password is, after the same work.

        ``browser`` is what the browser's own cookie says; None for one that has none. ``account_id`` is whose the email
        has to be; empty for anybody's.
        """
        email_key = key_of(email)
        async with self._hasher.turn() as place:
            known = await self._browsers.known(email_key, browser) if browser else ""
            found = await self._store.by_email_key(email_key)
            if found is not None and account_id not in {"", found.account.id}:
                # Said after the password was found right, this would tell strangers that it is.
                found = None
            return await self._prove(found, Claim(email_key, password, network, device, known), place)

    async def by_id(
        self, account_id: str, password: str, *, network: str, session_id: str, device: str = ""
    ) -> Credentials:
        """Check the password of somebody who is signed in, and so comes from a browser that the account knows."""
        async with self._hasher.turn() as place:
            found = await self._store.by_id(account_id)
            email_key = found.email_key if found else NO_EMAIL
            return await self._prove(found, Claim(email_key, password, network, device, session_id), place)

    async def forgive(self, email_key: str) -> None:
        """Let new browsers in again, after the owner has chosen a new password by mail; not worth failing for."""
        try:
            async with briefly():
                await self._attempts.forgive(email_key)
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("Failed tries may still be counted although there is a new password: %r.", error)

    async def _prove(self, found: Credentials | None, claim: Claim, place: Place) -> Credentials:
        # The place in the queue is kept by now: whom there is none for shall not lose a try to it. The try is counted
        # before the password is looked at: else a hundred guesses sent at once would all pass the limit before the
        # first of them was found wrong.
        failures = await self._attempts.take(claim.email_key, claim.network, claim.known)
        right = await self._hasher.verify(claim.password, found.password_hash if found else None, place)
        if found is None or not right:
            await self._note(claim, failures)
            raise WrongCredentials
        await self._attempts.clear(claim.email_key, claim.network, claim.known)
        return await self._renew_hash(found, claim.password)

    @shielded
    async def _note(self, claim: Claim, failures: int) -> None:
        # Before the answer: whoever guesses cannot learn that it was wrong and hang up before it is noted.
        await self._failures.failed(claim.email_key, claim.network, claim.device, failures)

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
