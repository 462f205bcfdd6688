"""The way back to an email that somebody else has changed."""

from pathlib import Path

import pytest
from mail_folder import arrived, link_at
from mailed_links import mailed_token
from pages import FACES, PASSWORD, SESSION_COOKIE, Browser, Face, Site, cookies_set, is_fragment, is_page, is_problem
from stores import Stores

from webapp.errors import StoreUnavailable
from webapp.sessions.service import SessionService

THIEF = "thief@elsewhere.test"

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


@pytest.fixture
async def link(ada: Browser, site: Site, inbox: Path) -> str:
    """Return the link in the mail that Ada got when her account was moved to another address."""
    await use(ada, f"/confirm-email/{await mailed_token(site, ada.email, 'confirm')}")
    await use(ada, f"/confirm-email/{await mailed_token(site, ada.email, 'change', THIEF)}")
    return await link_at(inbox, ada.email, "/restore-email/")


async def use(browser: Browser, link: str) -> None:
    await browser.get(link)
    # What is told of it is read on the next page.
    await browser.get((await browser.post(link)).headers["Location"])


async def is_moved(site: Site) -> bool:
    return await (await site.services()).accounts.find_by_email(THIEF) is not None


@each_face
async def test_opening_the_link_tells_what_it_does_and_does_nothing(
    *, face: Face, ada: Browser, link: str, browser: Browser, site: Site, stores: Stores
) -> None:
    before = stores.everything()
    for each in (ada, browser):
        response = await each.look(face, link)
        assert response.status_code == 200
        assert ada.email in response.text
        assert "Ada Lovelace" in response.text
        assert THIEF not in response.text.partition("<main")[2].partition("</main>")[0]
        assert link.rpartition("/")[2] not in response.text
    assert stores.everything() == before
    assert await is_moved(site)


@each_face
async def test_address_is_back_and_nobody_is_left_in_the_account(
    *, face: Face, ada: Browser, phone: Browser, eve: Browser, browser: Browser, link: str, inbox: Path
) -> None:
    await browser.get(link)
    response = await browser.send(face, link)
    if face == "json":
        assert response.json() == {"email": ada.email}
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/login"
        page = await browser.get("/login")
        assert f"Your email is {ada.email} again. Every device is signed out." in page.text
    for each in (ada, phone):
        assert (await each.json("GET", "/dashboard")).status_code == 401
    assert (await eve.json("GET", "/dashboard")).status_code == 200
    for email in (ada.email, THIEF):
        assert (await browser.json("POST", "/login", {"email": email, "password": PASSWORD})).status_code == 401
    assert await link_at(inbox, ada.email, "/reset/")


@each_face
async def test_browser_that_was_signed_in_to_it_loses_its_cookie(face: Face, ada: Browser, link: str) -> None:
    await ada.get(link)
    response = await ada.send(face, link)
    assert cookies_set(response)[SESSION_COOKIE].value == ""
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert not ada.session_cookie
    assert (await ada.get("/login")).status_code == 200


async def test_somebody_else_who_is_signed_in_stays_so(ada: Browser, eve: Browser, link: str) -> None:
    page = await eve.get(link)
    assert "You are signed in as <bdi>Eve</bdi>." in page.text
    response = await eve.post(link)
    assert SESSION_COOKIE not in cookies_set(response)
    assert f"Ada Lovelace&#39;s email is {ada.email} again." in (await eve.get("/dashboard")).text


@each_face
@pytest.mark.parametrize("kind", ["wrong", "truncated", "used", "of another purpose"])
async def test_dead_link_brings_nothing_back(
    *, kind: str, face: Face, ada: Browser, link: str, site: Site, browser: Browser
) -> None:
    reset = f"/restore-email/{await mailed_token(site, THIEF, 'reset')}"
    paths = {"wrong": "/restore-email/A", "truncated": link[:-1], "used": link, "of another purpose": reset}
    path = paths[kind]
    await browser.get("/login")
    if kind == "used":
        await browser.json("POST", link)
    for response in (await browser.look(face, path), await browser.send(face, path)):
        assert response.status_code == 410
        assert face != "json" or is_problem(response, 410)
    assert await is_moved(site) == (kind != "used")


async def test_stale_button_is_shown_again_and_brings_nothing_back(ada: Browser, link: str, site: Site) -> None:
    await ada.get(link)
    for response in (
        await ada.post(link, {"csrf_token": "stale"}),
        await ada.htmx(link, {"csrf_token": "stale"}, page=link),
    ):
        assert response.status_code == 422
        assert is_page(response) or is_fragment(response, "restore-email")
    assert await is_moved(site)


@each_face
async def test_redis_that_goes_away_is_told_with_what_stands(
    *, face: Face, ada: Browser, link: str, browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.get(link)

    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("Redis")

    monkeypatch.setattr(SessionService, "end_before", fail)
    response = await browser.send(face, link)
    assert response.status_code == 503
    assert f"Your email is {ada.email} again." in response.text
    assert "within minutes" in response.text or face == "json"
    assert link not in response.text
    account = await (await site.services()).accounts.find_by_email(ada.email)
    assert account is not None
    assert "sessions" in [entry.kind for entry in await (await site.services()).outbox.about(account.id)]


async def test_address_that_was_never_proven_gets_no_way_back(ada: Browser, site: Site, inbox: Path) -> None:
    await use(ada, f"/confirm-email/{await mailed_token(site, ada.email, 'change', THIEF)}")
    assert "/restore-email/" not in (await arrived(inbox, ada.email, 2))[0].text


async def test_who_moved_the_account_twice_cannot_take_the_way_back_from_its_owner(
    ada: Browser, link: str, site: Site
) -> None:
    """The second move gave the thief's first address a way back, too; using that must not outrank the owner's."""
    third = f"/confirm-email/{await mailed_token(site, THIEF, 'change', 'third@elsewhere.test')}"
    await use(ada, third)
    thief = f"/restore-email/{await mailed_token(site, 'third@elsewhere.test', 'restore', THIEF)}"
    await use(ada, thief)
    browser = site.browser()
    assert (await browser.get(link)).status_code == 200
    assert (await browser.post(link)).headers["Location"] == "/login"
    assert not await is_moved(site)
