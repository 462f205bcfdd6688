"""Builds the services and closes them again; the only place that chooses what stands behind what."""

import logging
from asyncio import gather
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from .accounts.addresses import AddressService
from .accounts.browsers import Browsers
from .accounts.changes import AccountChanges
from .accounts.erasures import ErasureService
from .accounts.links import LinkMaker
from .accounts.new_passwords import PasswordService
from .accounts.owed import MAIL, RESET, LettersOwed
from .accounts.passwords import PasswordHasher
from .accounts.proof import Doorkeeper, Prover
from .accounts.service import AccountService
from .accounts.store import AccountStore
from .accounts.strength import PasswordRules
from .accounts.tools import Mails, Passwords, Tables
from .database import Database, open_database
from .deeds import Deeds, snapshot_of
from .errors import GatehouseError, NotMigrated, StoreUnavailable
from .history import History
from .mail.mailer import PATIENCE, open_mailer
from .outbox import Outbox, Runner, Timings
from .places import Places, open_places
from .redis_connection import RedisClient, Subscription, open_redis, open_subscription
from .sessions.model import AccountSnapshot, Lifetimes, SessionPolicy
from .sessions.news import CHANNEL, News, channel_of
from .sessions.service import SessionService
from .sessions.store import SessionStore
from .settings import Settings
from .shielding import settle
from .streams.hub import Hub
from .throttle.attempts import SignInAttempts
from .throttle.limits import RouteLimits
from .throttle.mails import MailLimit
from .watch.arrivals import Arrivals
from .watch.entries import FAILED, WATCH
from .watch.failures import FailedTries, FailureRooms, FailureWatch
from .watch.letters import WatchLetters
from .watch.not_me import NotMeRooms, NotMeService
from .watch.sessions import Rooms, SessionWatch

log = logging.getLogger(__name__)

# Sessions that are looked at at the same time. Each look waits for Redis and for SQL in turn, and few of them fill the
# connections that pages need as well.
WATCHED_AT_ONCE = 20


class Background(Protocol):
    """What works beside the requests while the site is served."""

    def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """Come to an end."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the pages call."""

    accounts: AccountService
    passwords: PasswordService
    addresses: AddressService
    erasures: ErasureService
    sessions: SessionService
    streams: Hub
    news: Subscription
    outbox: Outbox
    deeds: Deeds
    places: Places
    limits: RouteLimits
    arrivals: Arrivals
    history: History
    browsers: Browsers
    watch: SessionWatch
    failures: FailureWatch
    not_me: NotMeService

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
        runners = _runners(settings, services)
        background: list[Background] = [services.news, *runners]
        for each in background:
            each.start()
        try:
            yield services
        finally:
            await gather(*(each.stop() for each in background))


@asynccontextmanager
async def connect_services(settings: Settings, hasher: PasswordHasher) -> AsyncIterator[Services]:
    """Do the same for a single command, which asks Redis nothing but what it needs, and leaves mails to the server."""
    redis = open_redis(settings)
    database = open_database(settings)
    try:
        services = _build(settings, hasher, redis, database)
        yield services
        services.arrivals.close()
        await settle()
        services.accounts.close()
        services.places.close()
    finally:
        await redis.aclose()
        await database.dispose()


def _build(settings: Settings, hasher: PasswordHasher, redis: RedisClient, database: Database) -> Services:
    store, outbox, places = AccountStore(database), Outbox(database), open_places(settings)
    history, browsers = History(database), Browsers(database)
    changes = AccountChanges(database, outbox)
    tables = Tables(store, changes, outbox)
    tries = SignInAttempts(redis, settings.login_limit)
    prover = Prover(store, hasher, Doorkeeper(tries, browsers, FailedTries(outbox, places)))
    passwords = Passwords(PasswordRules(settings.password_min_length), hasher, prover)
    mails = Mails(_link_maker(settings), LettersOwed(sent=settings.mail_is_sent), MailLimit(redis))
    accounts, erasures = AccountService(tables, passwords, mails), ErasureService(tables, mails)
    sessions = SessionService(SessionStore(redis), Snapshots(accounts), policy_of(settings))
    arrivals, letters = Arrivals(database, outbox, sessions), WatchLetters(store, mails)
    sessions.listeners.add(arrivals.look_at)
    streams = Hub(settings.session_streams)
    return Services(
        accounts=accounts,
        passwords=PasswordService(tables, passwords, mails),
        addresses=AddressService(tables, mails),
        erasures=erasures,
        sessions=sessions,
        streams=streams,
        news=_news_for(streams, redis),
        outbox=outbox,
        deeds=Deeds(accounts, erasures, sessions, outbox),
        places=places,
        limits=RouteLimits(redis),
        arrivals=arrivals,
        history=history,
        browsers=browsers,
        watch=SessionWatch(Rooms(database, outbox, history, browsers, accounts, sessions, letters)),
        failures=FailureWatch(FailureRooms(database, outbox, history, store, letters)),
        not_me=NotMeService(NotMeRooms(database, outbox, history, browsers, store, changes, sessions, mails.links)),
    )


def _news_for(streams: Hub, redis: RedisClient) -> Subscription:
    """Return what tells the streams of this process what any process has done to a session."""

    def hear(message: str) -> None:
        if heard := News.read(message):
            streams.hear(heard.account_id, heard.concerned, listed=heard.changes_list)

    subscription = open_subscription(redis, CHANNEL, channel_of, hear, streams.look_again)
    streams.following = subscription
    return subscription


def _runners(settings: Settings, services: Services) -> list[Runner]:
    """Return those that do what is owed, apart from one another: neither keeps what is owed to people waiting."""
    sweeps = [topic.sweep for topic in (services.accounts, services.outbox, services.history, services.browsers)]
    runners = [
        Runner(services.outbox, services.deeds.handlers, sweeps=sweeps),
        # Anybody can ask for any number of these.
        Runner(services.outbox, {RESET: services.passwords.send_reset}),
        Runner(services.outbox, {FAILED: services.failures.tell}),
        # Each session that lives has one of these, and after an outage all of them are due.
        Runner(services.outbox, {WATCH: services.watch.look}, places=WATCHED_AT_ONCE, batch=WATCHED_AT_ONCE // 2),
    ]
    mailer = open_mailer(settings, _link_maker(settings).token_of)
    if mailer is not None:
        runners.append(Runner(services.outbox, {MAIL: mailer.send}, timings=Timings(patience=PATIENCE)))
    return runners


def _link_maker(settings: Settings) -> LinkMaker:
    return LinkMaker((settings.secret_key, *settings.secret_key_fallbacks))


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
