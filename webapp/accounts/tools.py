"""What the services of this package work with, put together by ``wiring``."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from webapp.errors import StoreUnavailable, TooManyTries
from webapp.outbox import Outbox

from . import emails
from .changes import AccountChanges
from .links import LinkMaker
from .model import Account, Credentials
from .owed import LettersOwed
from .passwords import PasswordHasher
from .proof import Prover
from .store import AccountStore
from .strength import PasswordRules


class MailLimit(Protocol):
    """How often mails of a purpose are sent to somebody, or for somebody; ``throttle`` keeps the count."""

    async def take(self, purpose: str, subject: str) -> None:
        """Count one mail; raises TooManyTries when it has to wait."""

    async def give_back(self, purpose: str, subject: str) -> None:
        """Count one mail less."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Reading accounts, changing them, and writing down what is to be done later."""

    store: AccountStore
    changes: AccountChanges
    outbox: Outbox


@dataclass(frozen=True, slots=True)
class Passwords:
    """Judging new passwords, hashing them, and checking those that somebody claims to know."""

    rules: PasswordRules
    hasher: PasswordHasher
    prover: Prover


@dataclass(frozen=True, slots=True)
class Mails:
    """Making links, writing the mails that bring them, and counting those."""

    links: LinkMaker
    letters: LettersOwed
    limit: MailLimit

    async def may_tell(self, found: Credentials, purpose: str = "notice") -> bool:
        """Count a notice of what was done to an account; False when its inbox has had enough of them for today.

        ``purpose`` is by what it is counted where the address is proven. To one that is not, all of them are few.
        Where nobody can count it is told: an owner who hears nothing is worse than one who hears too much.
        """
        try:
            await self.limit.take(_purpose(purpose, found.account), found.email_key)
        except StoreUnavailable:
            return True
        except TooManyTries:
            return False
        return True

    async def give_back(self, account: Account, purpose: str = "notice") -> None:
        """Count a notice less, which came to nothing after ``may_tell``.

        Where that one could not be counted, an earlier one is given back. Then it is one mail too many, as there.
        """
        with suppress(StoreUnavailable):
            await self.limit.give_back(_purpose(purpose, account), emails.normalise(account.email))


def _purpose(purpose: str, account: Account) -> str:
    return purpose if account.confirmed else "notice-unproven"
