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
from webapp.accounts.addresses import AddressService
from webapp.accounts.browsers import Browsers
from webapp.accounts.changes import AccountChanges, Change
from webapp.accounts.erasures import ErasureService
from webapp.accounts.links import LinkMaker
from webapp.accounts.model import Account, Credentials, Role, new_id
from webapp.accounts.new_passwords import PasswordService
from webapp.accounts.owed import LettersOwed
from webapp.accounts.passwords import PasswordHasher
from webapp.accounts.proof import Doorkeeper, Prover
from webapp.accounts.service import AccountService
from webapp.accounts.store import AccountStore
from webapp.accounts.strength import PasswordRules
from webapp.accounts.tools import Mails, Passwords, Tables
from webapp.errors import TooManyTries
from webapp.outbox import Entry, Outbox

ADA = "Ada@Example.com"
PASSWORD = "violet tractor under 9 moons"
NETWORK = "203.0.113.7"
# Somebody who is signed in.
SESSION = "s" * 22


class Tries:
    """Counts wrong passwords in memory, as the throttle does in Redis; ``limit`` of them are allowed."""

    def __init__(self, limit: int = 1000) -> None:
        self.limit = limit
        self.taken: Counter[tuple[str, str]] = Counter()
        self.failed: Counter[str] = Counter()

    async def take(self, email_key: str, network: str, known: str = "") -> int:
        self.taken[email_key, known or network] += 1
        if self.taken[email_key, known or network] > self.limit:
            raise TooManyTries(60)
        if known:
            return 0
        self.failed[email_key] += 1
        return self.failed[email_key]

    async def clear(self, email_key: str, network: str, known: str = "") -> None:
        del self.taken[email_key, known or network]
        await self.forgive(email_key)

    async def forgive(self, email_key: str) -> None:
        del self.failed[email_key]


class Noted:
    """Keeps a list of the wrong passwords that were noted: the email's key, network, device, and how many in a row."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, str, str, int]] = []

    async def failed(self, email_key: str, network: str, device: str, consecutive: int) -> None:
        self.failures.append((email_key, network, device, consecutive))


class MailCount:
    """Counts mails in memory, as the throttle does in Redis; ``limit`` of each kind go to an address."""

    def __init__(self, limit: int = 1000) -> None:
        self.limit = limit
        self.taken: Counter[tuple[str, str]] = Counter()

    async def take(self, purpose: str, email_key: str) -> None:
        if self.taken[purpose, email_key] >= self.limit:
            raise TooManyTries(60)
        self.taken[purpose, email_key] += 1

    async def give_back(self, purpose: str, email_key: str) -> None:
        self.taken[purpose, email_key] -= 1


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
    """The services, and the parts that they are made of."""

    service: AccountService
    passwords: PasswordService
    addresses: AddressService
    erasures: ErasureService
    store: AccountStore
    changes: AccountChanges
    outbox: Outbox
    links: LinkMaker
    hasher: PasswordHasher
    tries: Tries
    mails: MailCount
    noted: Noted

    async def register(self, email: str = ADA) -> Account:
        """Open an account with PASSWORD."""
        return await self.service.register(email, "Ada Lovelace", PASSWORD)

    async def sign_in(self, email: str = ADA, password: str = PASSWORD) -> Account:
        """Prove who one is, from NETWORK."""
        return await self.service.authenticate(email, password, network=NETWORK)

    async def owed(self, account: Account, kind: str) -> list[Entry]:
        """Give what an account's changes owe of a kind, the oldest first."""
        return [entry for entry in await self.outbox.about(account.id) if entry.kind == kind]

    async def letters(self, account: Account) -> list[str]:
        """Name the mails that wait for an account."""
        return [entry.body["letter"] for entry in await self.owed(account, "mail")]

    async def token(self, account: Account, letter: str) -> str:
        """Give the token of the latest mail of its kind, as the person who reads it has it."""
        body = [entry.body for entry in await self.owed(account, "mail") if entry.body["letter"] == letter][-1]
        token = self.links.token_of(body["seed"], body["hash"])
        assert token is not None
        return token


def open_world(
    engine: AsyncEngine,
    parameters: argon2.Parameters = CHEAPEST,
    *,
    threads: int = 2,
    limit: int = 1000,
    mails: int = 1000,
    sent: bool = True,
) -> World:
    """Build services whose hashes cost next to nothing; without ``sent`` they send no mail."""
    hasher, tries, count = PasswordHasher(parameters, threads=threads), Tries(limit), MailCount(mails)
    noted = Noted()
    outbox, links = Outbox(engine), LinkMaker(["a key of thirty-two characters or so"])
    tables = Tables(AccountStore(engine), AccountChanges(engine, outbox), outbox)
    passwords = Passwords(
        PasswordRules(8), hasher, Prover(tables.store, hasher, Doorkeeper(tries, Browsers(engine), noted))
    )
    writing = Mails(links, LettersOwed(sent=sent), count)
    return World(
        AccountService(tables, passwords, writing),
        PasswordService(tables, passwords, writing),
        AddressService(tables, writing),
        ErasureService(tables, writing),
        tables.store,
        tables.changes,
        outbox,
        links,
        hasher,
        tries,
        count,
        noted,
    )


async def put(engine: AsyncEngine, someone: Credentials) -> None:
    """Write an account as it is."""
    await AccountChanges(engine, Outbox(engine)).open(someone, Change())


def credentials(email: str = ADA, role: Role = "member") -> Credentials:
    """Make an account that is nowhere yet."""
    account = Account(new_id(), email, "Ada Lovelace", role, datetime.now(UTC), None)
    return Credentials(account, emails.normalise(email), "a hash")
