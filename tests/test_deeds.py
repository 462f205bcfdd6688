"""What follows from a change of an account, when the request that made it could not see to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import session_records as records
from argon2.profiles import CHEAPEST
from redis.asyncio import Redis
from session_world import MINUTE
from sqlalchemy import update

from webapp.accounts import owed
from webapp.accounts.client import Client
from webapp.accounts.model import Account
from webapp.accounts.owed import Kept
from webapp.accounts.passwords import PasswordHasher
from webapp.accounts.tables import account as accounts
from webapp.database import open_engine
from webapp.deeds import snapshot_of
from webapp.errors import StoreUnavailable
from webapp.outbox import Entry, Outbox
from webapp.sessions.device import Device
from webapp.sessions.model import Started
from webapp.sessions.token import Token
from webapp.settings import Settings
from webapp.shielding import settle
from webapp.wiring import Services, connect_services

PASSWORD, NEW = "violet tractor under 9 moons", "eleven copper umbrellas"
ADDRESS = "203.0.113.7"
BROWSER = "b" * 16


@pytest.fixture
async def services(environ: dict[str, str]) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        opened = connect_services(Settings.from_env(environ), PasswordHasher(CHEAPEST))
        services = await stack.enter_async_context(opened)
        # As a server does: of the version before there is none.
        await services.sessions.load_scripts()
        yield services


@pytest.fixture
async def ada(services: Services) -> Account:
    return await services.accounts.register("ada@example.test", "Ada Lovelace", PASSWORD)


async def sign_in(services: Services, account: Account, browser: str = "") -> Started:
    device = Device("Firefox on Linux", "computer")
    return await services.sessions.start(
        snapshot_of(account), remember=False, method="password", device=device, address=ADDRESS, browser=browser
    )


async def is_in(services: Services, token: str) -> bool:
    return await services.sessions.resume(token, address=ADDRESS) is not None


async def change_password(services: Services, account: Account, here: Started) -> list[Entry]:
    token = Token.parse(here.token)
    assert token is not None
    keep = Kept(token.session_id, token.secret_hash)
    return await services.passwords.change(account.id, PASSWORD, NEW, keep=keep, client=Client(ADDRESS))


async def do_what_is_owed(services: Services, account: Account, kind: str) -> None:
    """Do as the server does when the time has come."""
    for entry in await services.outbox.about(account.id):
        if entry.kind == kind:
            await services.deeds.handlers[kind](entry)


async def test_session_that_could_not_be_given_a_new_secret_ends_with_the_others(
    services: Services, ada: Account
) -> None:
    here, other = await sign_in(services, ada), await sign_in(services, ada)
    await change_password(services, ada, here)
    await do_what_is_owed(services, ada, "sessions")
    assert not await is_in(services, here.token)
    assert not await is_in(services, other.token)


async def test_session_with_a_new_secret_stays_although_the_others_end_late(services: Services, ada: Account) -> None:
    here, other = await sign_in(services, ada), await sign_in(services, ada)
    await change_password(services, ada, here)
    renewed = await services.sessions.renew(here.token)
    assert renewed is not None
    await do_what_is_owed(services, ada, "sessions")
    assert await is_in(services, renewed.token)
    assert not await is_in(services, other.token)


async def test_entry_that_could_not_be_taken_out_signs_nobody_out_later(
    services: Services, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: Outbox, entry_id: str) -> None:
        raise StoreUnavailable("the database")

    here = await sign_in(services, ada)
    entries = await change_password(services, ada, here)
    renewed = await services.sessions.renew(here.token)
    assert renewed is not None
    monkeypatch.setattr(Outbox, "done", fail)
    await services.deeds.settle(entries)
    await do_what_is_owed(services, ada, "sessions")
    assert await is_in(services, renewed.token)


async def sign_in_before(services: Services, account: Account, redis_url: str, *, seconds: int) -> Started:
    """Sign in, and have it be so long ago."""
    started = await sign_in(services, account, BROWSER)
    async with Redis.from_url(redis_url) as store:
        await records.age(store, account.id, started.session.id, seconds, "created")
    return started


async def test_browser_that_was_not_mine_is_signed_out_twice_and_who_signed_in_there_since_stays(
    services: Services, ada: Account, redis_url: str
) -> None:
    disowned, other = await sign_in(services, ada, BROWSER), await sign_in(services, ada, BROWSER)
    entry = owed.end_browser(ada.id, BROWSER, disowned.session.id)
    again = await sign_in_before(services, ada, redis_url, seconds=-MINUTE)
    for _ in range(2):
        await services.deeds.handlers[entry.kind](entry)
    assert [await is_in(services, started.token) for started in (disowned, other, again)] == [False, False, True]


async def test_entry_of_the_version_before_signs_a_browser_out_whenever_somebody_signed_in_there(
    services: Services, ada: Account, redis_url: str
) -> None:
    entry = owed.end_browser(ada.id, BROWSER, (await sign_in(services, ada, BROWSER)).session.id)
    again = await sign_in_before(services, ada, redis_url, seconds=-MINUTE)
    body = {name: value for name, value in entry.body.items() if name != "before"}
    await services.deeds.handlers[entry.kind](replace(entry, body=body))
    assert not await is_in(services, again.token)


async def let_the_day_come(environ: dict[str, str]) -> None:
    engine = open_engine(environ["DATABASE_URL"])
    async with engine.begin() as db:
        await db.execute(update(accounts).values(erase_at=datetime.now(UTC) - timedelta(seconds=1)))
    await engine.dispose()


async def test_account_that_a_version_before_let_somebody_into_is_kept(
    services: Services, ada: Account, environ: dict[str, str]
) -> None:
    planned = await services.erasures.plan(ada.id)
    assert planned is not None
    # Version 1 starts a session and knows nothing of erasures.
    await sign_in(services, planned[0])
    await let_the_day_come(environ)
    await do_what_is_owed(services, ada, "erasure")
    kept = await services.accounts.find(ada.id)
    assert kept is not None
    assert kept.erase_at is None


async def test_account_that_nobody_is_signed_in_to_is_erased(
    services: Services, ada: Account, environ: dict[str, str]
) -> None:
    planned = await services.erasures.plan(ada.id)
    assert planned is not None
    await services.deeds.settle(planned[1])
    await let_the_day_come(environ)
    await do_what_is_owed(services, ada, "erasure")
    assert await services.accounts.find(ada.id) is None


async def test_second_plan_is_owed_as_well_where_redis_is_away(services: Services, ada: Account) -> None:
    for _ in range(2):
        await services.erasures.plan(ada.id)
    owed = sorted(entry.kind for entry in await services.outbox.about(ada.id))
    assert owed == ["erasure", "sessions", "sessions"]


async def test_mail_that_is_counted_is_written_although_its_browser_hangs_up(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, go_on = asyncio.Event(), asyncio.Event()
    limit = services.passwords._limit
    take = limit.take

    async def count_slowly(purpose: str, subject: str) -> None:
        await take(purpose, subject)
        counted.set()
        await go_on.wait()

    monkeypatch.setattr(type(limit), "take", lambda _, purpose, subject: count_slowly(purpose, subject))
    asking = asyncio.create_task(services.passwords.request_reset("ada@example.test", network=ADDRESS))
    await counted.wait()
    asking.cancel()
    await asyncio.wait([asking])
    go_on.set()
    await settle()
    assert len(await services.outbox.claim(["reset"], 1, timedelta(seconds=60))) == 1
