"""A busy life on the site: somebody leaves a trace of every kind."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from pages import IPHONE, PASSWORD, Browser, Site, session_ids

from webapp.accounts import emails, owed
from webapp.accounts.links import LIFETIMES
from webapp.accounts.model import Account
from webapp.wiring import Services

NEW_EMAIL = "ada.byron@example.test"
OFFICE, PHONE, ELSEWHERE = "192.0.2.1", "2001:db8::7", "203.0.113.66"

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
    """Register, sign in on two browsers, name one, mistype a password, and ask for all mails there are."""
    here, phone = site.browser(OFFICE), site.browser(PHONE, IPHONE)
    await here.register()
    phone.email = here.email
    await phone.log_in(remember="y")
    session_id = session_ids((await phone.get("/settings/sessions")).text)[0]
    await phone.post(f"/settings/sessions/{session_id}/name", {"name": "Kitchen"})
    await site.browser(ELSEWHERE).log_in(here.email, "not the password")
    services = await site.services()
    account = await services.accounts.find_by_email(here.email)
    assert account is not None
    await _ask_for_mails(services, account)
    return Life(site, services, account, here, phone)


async def _ask_for_mails(services: Services, account: Account) -> None:
    await services.addresses.resend(account.id)
    await services.addresses.request_change(account.id, NEW_EMAIL)
    await services.passwords.request_reset(account.email, network="192.0.2.1")
    await _until_it_has(services, account, "reset")
    # What the server does in a moment is put in once more, to be done when nobody looks any more.
    email_key = emails.normalise(account.email)
    for entry in (
        owed.reset(email_key, LIFETIMES["reset"]),
        owed.end_sessions(account.id),
        owed.show_account(account.id),
        owed.erasure(account.id, account.created + owed.ERASURE_AFTER),
    ):
        await services.outbox.add(replace(entry, due=entry.due + timedelta(hours=1)))


async def _until_it_has(services: Services, account: Account, purpose: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while purpose not in [link.purpose for link in await services.accounts.links_of(account.id)]:
            services.outbox.wake()
            await asyncio.sleep(0.02)


__all__ = ["NEW_EMAIL", "PASSWORD", "Life", "live"]
