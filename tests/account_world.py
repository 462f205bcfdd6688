"""Accounts on a real database, and what a test needs to make some and to look on."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import get_ident

import argon2
from argon2.profiles import CHEAPEST
from gate import Gate
from sqlalchemy.ext.asyncio import AsyncEngine

from webapp.accounts import emails
from webapp.accounts.model import Account, Credentials, Role, new_id
from webapp.accounts.passwords import PasswordHasher
from webapp.accounts.service import AccountService
from webapp.accounts.store import AccountStore
from webapp.accounts.strength import PasswordRules
from webapp.errors import TooManyTries

ADA = "Ada@Example.com"
PASSWORD = "violet tractor under 9 moons"
NETWORK = "203.0.113.7"


class Tries:
    """Counts wrong passwords in memory, as the throttle does in Redis; ``limit`` of them are allowed."""

    def __init__(self, limit: int = 1000) -> None:
        self.limit = limit
        self.taken: Counter[tuple[str, str]] = Counter()

    async def take(self, email_key: str, network: str) -> None:
        self.taken[email_key, network] += 1
        if self.taken[email_key, network] > self.limit:
            raise TooManyTries(60)

    async def clear(self, email_key: str, network: str) -> None:
        del self.taken[email_key, network]


class RecordingArgon2(argon2.PasswordHasher):
    """The library's hasher, which also keeps a list of what it was asked to do and in which thread."""

    def __init__(self, costs: argon2.Parameters) -> None:
        super().__init__(costs.time_cost, costs.memory_cost, costs.parallelism, costs.hash_len, costs.salt_len)
        self.verified: list[argon2.Parameters] = []
        self.threads: set[int] = set()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override] # noqa: A002 - argon2's own name and Literal[True]
        self.verified.append(argon2.extract_parameters(str(hash)))
        self.threads.add(get_ident())
        return super().verify(hash, password)


class GatedArgon2(argon2.PasswordHasher):
    """The library's hasher, cheap, whose hashes are done when the gate is open and not before."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(CHEAPEST.time_cost, CHEAPEST.memory_cost, CHEAPEST.parallelism)
        self.gate = gate

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.gate.work()
        return super().hash(password, salt=salt)


@dataclass(frozen=True)
class World:
    """A service, and the parts it is made of."""

    service: AccountService
    store: AccountStore
    hasher: PasswordHasher
    tries: Tries

    async def register(self, email: str = ADA) -> Account:
        """Open an account with PASSWORD."""
        return await self.service.register(email, "Ada Lovelace", PASSWORD)

    async def sign_in(self, email: str = ADA, password: str = PASSWORD) -> Account:
        """Prove who one is, from NETWORK."""
        return await self.service.authenticate(email, password, network=NETWORK)


def open_world(
    engine: AsyncEngine, parameters: argon2.Parameters = CHEAPEST, *, threads: int = 2, limit: int = 1000
) -> World:
    """Build a service whose hashes cost next to nothing."""
    store, hasher, tries = AccountStore(engine), PasswordHasher(parameters, threads=threads), Tries(limit)
    return World(AccountService(store, hasher, PasswordRules(8), tries), store, hasher, tries)


def credentials(email: str = ADA, role: Role = "member") -> Credentials:
    """Make an account that is nowhere yet."""
    account = Account(new_id(), email, "Ada Lovelace", role, datetime.now(UTC), None)
    return Credentials(account, emails.normalise(email), "a hash")
