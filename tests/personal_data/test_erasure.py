"""The end of an account through the site: at once out everywhere, a week to think, then gone without a trace."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest
from life import ELSEWHERE, OFFICE, PASSWORD, Life, live
from pages import FACES, Browser, Face, Site
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from stores import Stores

from webapp.accounts.model import Account
from webapp.accounts.tables import account as accounts
from webapp.accounts.tables import link as links
from webapp.outbox import Entry
from webapp.outbox.tables import outbox
from webapp.web.identity import KEPT
from webapp.wiring import Services

MAILS = "mails"
# Seconds; the runner looks as soon as it is woken.
PATIENCE = 20


@pytest.fixture
def environ(environ: dict[str, str], database_url: str, tmp_path: Path) -> dict[str, str]:
    """Take each database in turn, and send mails into a folder."""
    return {**environ, "DATABASE_URL": database_url, "MAIL_URL": f"file://{tmp_path / MAILS}"}


async def let_the_day_come(engine: AsyncEngine) -> None:
    """Have all that waits for it due a second ago."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with engine.begin() as db:
        await db.execute(update(accounts).where(accounts.c.erase_at.is_not(None)).values(erase_at=past))
        await db.execute(update(outbox).where(outbox.c.kind == "erasure").values(due=past))


def subjects(folder: Path, to: str) -> list[str]:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
    return [str(mail["Subject"]) for mail in mails if to in str(mail["To"])]


async def erase(browser: Browser) -> None:
    """Ask for the end of the account through the form."""
    await browser.get("/settings/data")
    response = await browser.post("/settings/data/erase", {"word": "erase", "password": PASSWORD})
    assert response.status_code == 303, response.text


async def planned(site: Site, engine: AsyncEngine) -> tuple[Browser, Account, Entry]:
    """Give somebody whose account is to be erased this very second, and the entry that does it, which nobody is at."""
    browser = site.browser(OFFICE)
    await browser.register()
    services = await site.services()
    found = await services.accounts.find_by_email(browser.email)
    assert found is not None
    await erase(browser)
    (entry,) = [each for each in await services.outbox.about(found.id) if each.kind == "erasure"]
    # The runner shall not do it before the test does.
    await services.outbox.done(entry.id)
    await let_the_day_come(engine)
    account = await services.accounts.find(found.id)
    assert account is not None
    return browser, account, entry


async def until(came_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not came_true():  # noqa: ASYNC110 - a folder tells nobody.
            await asyncio.sleep(0.05)


async def until_nobody_has(life: Life) -> None:
    async with asyncio.timeout(PATIENCE):
        while await life.services.accounts.find(life.account.id) is not None:
            life.services.outbox.wake()
            await asyncio.sleep(0.05)


async def test_account_that_is_due_is_erased_by_the_server_without_a_trace(
    site: Site, stores: Stores, engine: AsyncEngine, tmp_path: Path
) -> None:
    life = await live(site)
    email = life.here.email
    await erase(life.here)
    assert stores.keys() == set()
    assert (await life.phone.get("/dashboard")).status_code == 303
    # Within a week it is sent; one that still waits goes with its account.
    await until(lambda: any("will be erased" in subject for subject in subjects(tmp_path / MAILS, email)))
    await let_the_day_come(engine)
    await until_nobody_has(life)
    async with engine.connect() as db:
        assert [(await db.execute(select(table))).all() for table in (accounts, links)] == [[], []]
    await until(lambda: any("was erased" in subject for subject in subjects(tmp_path / MAILS, email)))
    assert stores.keys() == set()
    again = site.browser(ELSEWHERE)
    refused = await again.log_in(email)
    assert refused.status_code == 401
    assert "The email or the password is not right." in refused.text
    again.email = email
    assert (await again.register()).status_code == 303


@pytest.mark.parametrize("face", FACES)
async def test_signing_in_before_the_day_keeps_the_account(
    site: Site, stores: Stores, engine: AsyncEngine, face: Face
) -> None:
    life = await live(site)
    await erase(life.here)
    back = site.browser(ELSEWHERE)
    await back.get("/login")
    response = await back.send(face, "/login", {"email": life.here.email, "password": PASSWORD})
    assert response.status_code in {200, 303}
    page = await back.get("/dashboard")
    assert page.status_code == 200
    assert (KEPT in page.text) == (face != "json")
    account = await life.services.accounts.find(life.account.id)
    assert account is not None
    assert account.erase_at is None
    await let_the_day_come(engine)
    life.services.outbox.wake()
    assert [entry.kind for entry in await life.services.outbox.about(account.id) if entry.kind == "erasure"] == []
    assert await life.services.accounts.find(account.id) == account


@pytest.mark.parametrize("head_start", ["nobody", "erasure", "sign-in"])
async def test_of_a_sign_in_and_the_erasure_at_the_same_moment_one_wins_whole(
    site: Site, stores: Stores, engine: AsyncEngine, head_start: str
) -> None:
    services = await site.services()
    for _ in range(3):
        browser, account, entry = await planned(site, engine)
        await browser.get("/login")
        answer, _ = await asyncio.gather(
            sign_in(browser, 0.005 if head_start == "erasure" else 0),
            erase_due(services, entry, 0.02 if head_start == "sign-in" else 0),
        )
        kept = await services.accounts.find(account.id)
        sessions = (await services.sessions.list(account.id)).sessions
        page = await browser.get("/dashboard")
        if kept is None:
            assert (answer.status_code, len(sessions), page.status_code) == (401, 0, 303)
            assert [key for key in stores.keys() if account.id in key] == []  # noqa: SIM118 - it is no dictionary.
        else:
            assert (answer.status_code, len(sessions), page.status_code) == (303, 1, 200)
            assert kept.erase_at is None


async def sign_in(browser: Browser, later: float) -> httpx.Response:
    await asyncio.sleep(later)
    return await browser.post("/login", {"email": browser.email, "password": PASSWORD})


async def erase_due(services: Services, entry: Entry, later: float) -> None:
    await asyncio.sleep(later)
    await services.erasures.erase_due(entry)
