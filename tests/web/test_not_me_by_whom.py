"""Was this you? The button, by who presses it, and what has happened meanwhile."""

from pathlib import Path

import pytest
from mailed_links import doubting_token, mailed_token
from pages import (
    FACES,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    is_fragment,
    is_page,
    session_ids,
)
from thefts import Theft, account_id_of, is_in, steal

from webapp.errors import StoreUnavailable
from webapp.history import Origin
from webapp.sessions.service import SessionService

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


@pytest.fixture
async def theft(ada: Browser, site: Site) -> Theft:
    """Sign a thief in."""
    return await steal(site, ada)


async def go_away(*_: object, **__: object) -> None:
    raise StoreUnavailable("Redis")


@each_face
async def test_browser_that_was_signed_in_there_is_told_so_and_loses_its_cookie(
    face: Face, ada: Browser, site: Site
) -> None:
    (here,) = session_ids((await ada.get("/settings/sessions")).text)
    link = f"/not-me/{await doubting_token(site, ada.email, here)}"
    assert "This is the browser that you are using now." in (await ada.get(link)).text
    response = await ada.send(face, link)
    assert cookies_set(response)[SESSION_COOKIE].value == ""
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert not await is_in(ada)


async def test_owner_who_is_signed_in_elsewhere_stays_so_until_the_new_password(ada: Browser, theft: Theft) -> None:
    assert "This is the browser that you are using now." not in (await ada.get(theft.link)).text
    response = await ada.post(theft.link)
    assert SESSION_COOKIE not in cookies_set(response)
    assert await is_in(ada)


async def test_somebody_else_who_is_signed_in_stays_so(eve: Browser, theft: Theft) -> None:
    assert "You are signed in as <bdi>Eve</bdi>." in (await eve.get(theft.link)).text
    assert SESSION_COOKIE not in cookies_set(await eve.post(theft.link))
    assert await is_in(eve)


@each_face
async def test_session_that_has_ended_meanwhile_is_shown_so_and_the_password_can_be_changed_all_the_same(
    *, face: Face, browser: Browser, theft: Theft
) -> None:
    await theft.thief.get("/dashboard")
    await theft.thief.post("/logout")
    response = await browser.look(face, theft.link)
    assert response.json()["signed_in"] is False if face == "json" else "Signed out</span>" in response.text
    assert (await browser.json("POST", theft.link)).json()["next"].startswith("/reset/")


async def test_stale_button_is_shown_again_and_does_nothing(ada: Browser, theft: Theft) -> None:
    await ada.get(theft.link)
    for response in (
        await ada.post(theft.link, {"csrf_token": "stale"}),
        await ada.htmx(theft.link, {"csrf_token": "stale"}, page=theft.link),
    ):
        assert response.status_code == 422
        assert is_page(response) or is_fragment(response, "not-me")
    assert await is_in(theft.thief)


@each_face
async def test_who_used_the_link_goes_on_although_redis_is_away_and_the_session_is_ended_later(
    *, face: Face, ada: Browser, browser: Browser, theft: Theft, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.get(theft.link)
    with monkeypatch.context() as outage:
        outage.setattr(SessionService, "end_browser", go_away)
        outage.setattr(SessionService, "list", go_away)
        assert "Not known" in (await browser.get(theft.link)).text
        response = await browser.send(face, theft.link)
        way_on = response.json()["next"] if face == "json" else dict(response.headers).get("location")
        way_on = way_on or response.headers["HX-Redirect"]
        page = await browser.get(way_on)
        assert "Choose a new password" in page.text
        assert face == "json" or "That browser is signed out within minutes" in page.text
        assert face != "json" or response.json()["ended"] is False
    services, account_id = await site.services(), await account_id_of(site, ada)
    (entry,) = [entry for entry in await services.outbox.about(account_id) if entry.kind == "session"]
    assert await is_in(theft.thief)
    await services.deeds.settle([entry])
    assert not await is_in(theft.thief)


async def test_mailbox_that_the_account_has_left_gets_no_way_in(
    ada: Browser, browser: Browser, site: Site, theft: Theft
) -> None:
    """Whoever reads the old one may be somebody else by now."""
    change = f"/confirm-email/{await mailed_token(site, ada.email, 'change', 'elsewhere@example.test')}"
    await ada.get(change)
    await ada.post(change)
    ada.email = "elsewhere@example.test"
    await browser.get(theft.link)
    response = await browser.post(theft.link)
    assert response.headers["Location"] == "/forgot"
    assert "ask for a link to a new one now" in (await browser.get("/forgot")).text
    assert not await is_in(theft.thief)


async def test_change_of_the_email_that_the_thief_has_asked_for_is_off(
    ada: Browser, browser: Browser, site: Site, theft: Theft
) -> None:
    change = f"/confirm-email/{await mailed_token(site, ada.email, 'change', 'thief@elsewhere.test')}"
    await browser.get(theft.link)
    await browser.post(theft.link)
    assert (await browser.get(change)).status_code == 410


@each_face
async def test_address_that_nobody_has_proven_reads_no_words_that_a_stranger_may_have_chosen(
    *, face: Face, browser: Browser, site: Site
) -> None:
    stranger = site.browser()
    await stranger.register(name="Win at spam.example")
    await site.browser(user_agent="spam.example-now/1.0").log_in(stranger.email)
    program = session_ids((await stranger.get("/settings/sessions")).text)[1]
    said = Origin(program, "program:spam.example-now", "192.0.2.66", "Berlin, Germany")
    link = f"/not-me/{await doubting_token(site, stranger.email, program, origin=said)}"
    response = await browser.look(face, link)
    assert "spam" not in response.text
    for shown in (stranger.email, "A program"):
        assert shown in response.text
    proof = f"/confirm-email/{await mailed_token(site, stranger.email, 'confirm')}"
    await stranger.get(proof)
    await stranger.post(proof)
    # It is their own, and no program makes a link of what is on a page.
    assert "Win at spam.example" in (await browser.look(face, link)).text


@each_face
async def test_session_of_no_known_browser_is_what_is_signed_out(
    *, face: Face, ada: Browser, browser: Browser, site: Site
) -> None:
    (here,) = session_ids((await ada.get("/settings/sessions")).text)
    link = f"/not-me/{await doubting_token(site, ada.email, here)}"
    await browser.get(link)
    response = await browser.send(face, link)
    if face != "json":
        page = await browser.get(response.headers["Location" if face == "page" else "HX-Redirect"])
        assert "That session is signed out." in page.text
