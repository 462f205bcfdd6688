"""Links as somebody finds them in their mail, without a mail, and wishes for one that wait."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from typing import Any

from pages import Site

from webapp.accounts.changes import AccountChanges, Change
from webapp.accounts.links import LinkMaker, Purpose
from webapp.database import open_database
from webapp.history import Event, History, Origin
from webapp.history.model import now
from webapp.outbox import Outbox
from webapp.watch.letters import NOT_ME_FOR
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


async def doubting_token(site: Site, email: str, session_id: str, browser: str = "", **changes: Any) -> str:
    """Note a sign-in to the account of ``email``, and return the token of the link that asks whether it was you."""
    settings, services = settings_of(site.app), await site.services()
    account = await services.accounts.find_by_email(email)
    assert account is not None
    maker, engine = LinkMaker([settings.secret_key]), open_database(settings)
    seed, hashed = maker.new_token()
    origin = Origin(session_id, "computer:Firefox on Linux", "192.0.2.66", "Berlin, Germany")
    noted = Event("signed-in", account.id, now(), origin, {"method": "password"}, browser, hashed, now() + NOT_ME_FOR)
    await History(engine).add(replace(noted, **changes))
    await engine.dispose()
    token = maker.token_of(seed, hashed)
    assert token is not None
    return token


def resets_owed(sqlite_url: str) -> Counter[str]:
    """Count the entries that wait for a link to a new password, by the email that it is for."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as db:
        rows = db.execute("SELECT json_extract(body, '$.email_key') FROM outbox WHERE kind = 'reset'").fetchall()
    return Counter(key for (key,) in rows)
