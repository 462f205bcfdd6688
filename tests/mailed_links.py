"""Links as somebody finds them in their mail, without a mail."""

from pages import Site

from webapp.accounts.changes import AccountChanges, Change
from webapp.accounts.links import LinkMaker, Purpose
from webapp.database import open_database
from webapp.outbox import Outbox
from webapp.web.context import settings_of


async def mailed_token(site: Site, email: str, purpose: Purpose = "reset", to: str = "") -> str:
    """Make a link for the account of ``email``, about the address ``to`` or its own, and return its token."""
    settings, services = settings_of(site.app), await site.services()
    account = await services.accounts.find_by_email(email)
    assert account is not None
    maker, engine = LinkMaker([settings.secret_key]), open_database(settings)
    new = maker.make(purpose, account.id, to or account.email)
    await AccountChanges(engine, Outbox(engine)).apply(account.id, Change(new_links=[new.link]))
    await engine.dispose()
    token = maker.token_of(new.seed, new.link.token_hash)
    assert token is not None
    return token
