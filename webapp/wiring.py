"""Builds the services and closes them again; the only place that chooses what stands behind what."""

import logging
from asyncio import gather
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .accounts.model import Account
from .accounts.passwords import PasswordHasher
from .accounts.service import AccountService
from .accounts.store import AccountStore
from .accounts.strength import PasswordRules
from .database import open_database
from .errors import GatehouseError, NotMigrated, StoreUnavailable
from .redis_connection import open_redis
from .sessions.model import AccountSnapshot, Lifetimes, SessionPolicy
from .sessions.service import SessionService
from .sessions.store import SessionStore
from .settings import Settings
from .shielding import settle
from .throttle.attempts import SignInAttempts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What the pages call."""

    accounts: AccountService
    sessions: SessionService

    async def faults(self) -> list[str]:
        """Say in a sentence each what keeps the site from serving; empty when all is well."""
        found = await gather(_fault(self.sessions.ping()), _fault(self._look_at_accounts()))
        return [fault for fault in found if fault]

    async def _look_at_accounts(self) -> None:
        await self.accounts.ping()
        if not await self.accounts.is_migrated():
            raise NotMigrated


@asynccontextmanager
async def open_services(settings: Settings, hasher: PasswordHasher) -> AsyncIterator[Services]:
    """Open what the settings name for a server, and close it once the writes that are under way have ended."""
    async with connect_services(settings, hasher) as services:
        await _prepare(services.sessions)
        yield services


@asynccontextmanager
async def connect_services(settings: Settings, hasher: PasswordHasher) -> AsyncIterator[Services]:
    """Do the same for a single command, which asks Redis nothing but what it needs."""
    redis = open_redis(settings)
    database = open_database(settings)
    try:
        rules = PasswordRules(settings.password_min_length)
        attempts = SignInAttempts(redis, settings.login_limit)
        accounts = AccountService(AccountStore(database), hasher, rules, attempts)
        sessions = SessionService(SessionStore(redis), Snapshots(accounts), policy_of(settings))
        yield Services(accounts, sessions)
        await settle()
        accounts.close()
    finally:
        await redis.aclose()
        await database.dispose()


async def _prepare(sessions: SessionService) -> None:
    # A Redis that is away at the start comes back later, and scripts are then sent with their first use.
    try:
        await sessions.load_scripts()
    except StoreUnavailable as failure:
        log.warning("%s; starting all the same.", failure)


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What sessions need of accounts, made from what accounts have."""

    accounts: AccountService

    async def snapshot(self, account_id: str) -> AccountSnapshot | None:
        """Return what every page needs of the account; None for one that is gone."""
        account = await self.accounts.find(account_id)
        return None if account is None else snapshot_of(account)


def snapshot_of(account: Account) -> AccountSnapshot:
    """Return what every page needs of ``account``; accounts and sessions do not know each other."""
    return AccountSnapshot(id=account.id, name=account.name, email=account.email, role=account.role)


def policy_of(settings: Settings) -> SessionPolicy:
    """Return how long sessions live and how many one account may hold."""
    return SessionPolicy(
        plain=Lifetimes(settings.session_idle, settings.session_lifetime),
        remembered=Lifetimes(settings.remember_idle, settings.remember_lifetime),
        touch=settings.session_touch,
        limit=settings.session_limit,
    )


async def _fault(look: Awaitable[None]) -> str:
    try:
        await look
    except GatehouseError as failure:
        return str(failure)
    return ""
