"""A change that stands although its browser hung up is followed at once by what it owes (promises 8 and 9)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hanging_up import Line
from mailed_links import mailed_token
from pages import PASSWORD, Browser, Site
from stores import Stores
from who_is_in import account_id_of, is_out, kinds_owed, signs_in

from webapp.accounts.changes import AccountChanges
from webapp.accounts.links import Purpose
from webapp.accounts.model import Account
from webapp.shielding import settle

CHANGE = "/settings/password"
NEW = "eleven copper umbrellas"
ELSEWHERE = "ada@elsewhere.test"
LINKS: dict[str, tuple[Purpose, str]] = {
    "/reset": ("reset", ""),
    "/restore-email": ("restore", ""),
    "/confirm-email": ("change", ELSEWHERE),
}
# Those that put every other device out, and those that the next page of every device shows.
ENDINGS = {
    CHANGE: {"current": PASSWORD, "new": NEW},
    "/settings/data/erase": {"word": "erase", "password": PASSWORD},
    "/reset": {"new": NEW},
    "/restore-email": {},
}
SHOWN: dict[str, tuple[dict[str, str], str]] = {
    "/settings/profile": ({"name": "Ada King"}, "Ada King"),
    "/confirm-email": ({}, ELSEWHERE),
}

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder; an email comes back only where that is done."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


async def hang_up_when_it_stands(
    site: Site, browser: Browser, path: str, fields: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Send a form, to a link in the person's mail where ``path`` is one, and hang up once the change is in SQL."""
    if path in LINKS:
        path = f"{path}/{await mailed_token(site, browser.email, *LINKS[path])}"
    await browser.get(path.removesuffix("/erase"))
    apply, stands, gone = AccountChanges.apply, asyncio.Event(), asyncio.Event()

    async def apply_and_wait(*values: Any) -> Account | None:
        changed = await apply(*values)
        stands.set()
        await gone.wait()
        return changed

    with monkeypatch.context() as patched:
        patched.setattr(AccountChanges, "apply", apply_and_wait)
        line = Line(site, browser, path, fields)
        async with asyncio.timeout(30):
            await stands.wait()
            await line.hang_up()
            gone.set()
            await settle()
    assert line.answers == []


@pytest.mark.parametrize("path", ENDINGS)
async def test_other_devices_are_out_at_once(
    path: str, ada: Browser, phone: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    account = await account_id_of(site, ada.email)
    await hang_up_when_it_stands(site, ada, path, ENDINGS[path], monkeypatch)
    assert await is_out(phone)
    assert "sessions" not in await kinds_owed(site, account)


async def test_session_in_which_the_password_was_changed_stays_and_its_old_secret_is_dead(
    ada: Browser, phone: Browser, site: Site, stores: Stores, monkeypatch: pytest.MonkeyPatch
):
    secrets = set(stores.secret_hashes())
    await hang_up_when_it_stands(site, ada, CHANGE, ENDINGS[CHANGE], monkeypatch)
    assert len(stores.sessions()) == 1
    assert not secrets & set(stores.secret_hashes())
    # The new one was for an answer that nobody took.
    assert await is_out(ada)
    assert await signs_in(site, ada.email, NEW)


@pytest.mark.parametrize("path", SHOWN)
async def test_other_devices_show_it_at_once(
    path: str, ada: Browser, phone: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
):
    account = await account_id_of(site, ada.email)
    fields, shown = SHOWN[path]
    await hang_up_when_it_stands(site, ada, path, fields, monkeypatch)
    assert shown in (await phone.get("/settings/profile")).text
    assert "account" not in await kinds_owed(site, account)
