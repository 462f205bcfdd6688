"""A busy life on the site: somebody leaves a trace of every kind."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import session_records as records
from pages import IPHONE, PASSWORD, Browser, Site, session_ids

from webapp.accounts import emails, owed
from webapp.accounts.browsers import ShownBrowser
from webapp.accounts.links import LIFETIMES
from webapp.accounts.model import Account
from webapp.deeds import snapshot_of
from webapp.outbox import Entry
from webapp.sessions.device import Device
from webapp.sessions.model import Cause
from webapp.watch.arrivals import Visit
from webapp.watch.entries import FAILED
from webapp.wiring import Services

NEW_EMAIL = "ada.byron@example.test"
OFFICE, PHONE, ELSEWHERE = "192.0.2.1", "2001:db8::7", "203.0.113.66"

BROWSER = ShownBrowser("b" * 16, "s" * 43, "s" * 43)
VISIT = Visit("password", Device("curl", "program"), ELSEWHERE, "Berlin, Germany", shared=True, browser=BROWSER)
# Seconds until the server, which looks at once, has done what it was asked for.
PATIENCE = 20


@dataclass(frozen=True)
class Life:
    """Who lived, and on which browsers: one that is not remembered and one that is."""

    site: Site
    services: Services
    account: Account
    here: Browser
    phone: Browser


async def live(site: Site) -> Life:
    """Register, sign in on two browsers, name one, mistype passwords, and ask for all mails there are."""
    here, phone = site.browser(OFFICE), site.browser(PHONE, IPHONE)
    await here.register()
    phone.email = here.email
    await phone.log_in(remember="y")
    session_id = session_ids((await phone.get("/settings/sessions")).text)[0]
    await phone.post(f"/settings/sessions/{session_id}/name", {"name": "Kitchen"})
    await site.browser(ELSEWHERE).log_in(here.email, "not the password")
    await here.get("/confirm")
    await here.post("/confirm", {"password": "not the password"})
    services = await site.services()
    account = await services.accounts.find_by_email(here.email)
    assert account is not None
    await _ask_for_mails(services, account)
    await _keep(services, account)
    left = await _keep(services, account)
    remembered = replace(VISIT, remember=True, shared=False)
    right = (await services.arrivals.sign_in(snapshot_of(account), remembered)).session.id
    for session_id in (left, right):
        await services.sessions.end(account.id, session_id, Cause("elsewhere", "Safari on iPhone"))
    await _until_written(services, account, {left, right})
    return Life(site, services, account, here, phone)


async def _keep(services: Services, account: Account) -> str:
    """Sign in by a program that shares its computer, and name that session; its secret is renewed in every way."""
    moment = timedelta(seconds=61)
    started = await services.arrivals.sign_in(snapshot_of(account), VISIT)
    sessions, token, session_id = services.sessions, started.token, started.session.id
    await sessions.rename(account.id, session_id, "Library")
    for _ in range(2):
        first = await sessions.offer(token, address=ELSEWHERE)
        await _pass(services, account, session_id, moment)
        second = await sessions.offer(token, address=ELSEWHERE)
        assert first is not None
        assert second is not None
        for shown in (first, second):
            await sessions.resume(shown, address=ELSEWHERE)
        token = second
        await _pass(services, account, session_id, moment)
    await sessions.offer(token, address=ELSEWHERE)
    await _pass(services, account, session_id, moment)
    await sessions.offer(token, address=ELSEWHERE)
    return session_id


async def _pass(services: Services, account: Account, session_id: str, time: timedelta) -> None:
    """Let time pass for the secrets of a session."""
    redis = services.sessions._store._redis
    await records.age(redis, account.id, session_id, int(time.total_seconds()), "renewed", "until")


async def _until_written(services: Services, account: Account, ended: set[str]) -> None:
    """Wait until the server has told of everything in the history, and have one more try wait to be told of.

    Of sessions that have ended it is done with all that follows.
    """
    email_key = emails.normalise(account.email)
    async with asyncio.timeout(PATIENCE):
        while any(
            entry.kind == FAILED or entry.id in ended for entry in await services.outbox.about(account.id, [email_key])
        ):
            services.outbox.wake()
            await asyncio.sleep(0.02)
    body = {"email_key": email_key, "device": "", "address": "", "place": "", "consecutive": "1"}
    waiting = Entry.new(FAILED, None, body, after=timedelta(hours=1))
    await services.outbox.add(waiting)


async def _ask_for_mails(services: Services, account: Account) -> None:
    await services.addresses.resend(account.id)
    await services.addresses.request_change(account.id, NEW_EMAIL)
    await services.passwords.request_reset(account.email, network="192.0.2.1")
    email_key = emails.normalise(account.email)
    await _until_done(services, account, email_key, owed.RESET)
    # What the server does in a moment is put in once more, to be done when nobody looks any more.
    for entry in (
        owed.reset(email_key, LIFETIMES["reset"]),
        owed.end_sessions(account.id),
        owed.show_account(account.id),
        owed.erasure(account.id, account.created + owed.ERASURE_AFTER),
    ):
        await services.outbox.add(replace(entry, due=entry.due + timedelta(hours=1)))


async def _until_done(services: Services, account: Account, email_key: str, kind: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while kind in [entry.kind for entry in await services.outbox.about(account.id, [email_key])]:
            services.outbox.wake()
            await asyncio.sleep(0.02)


__all__ = ["NEW_EMAIL", "PASSWORD", "Life", "live"]
