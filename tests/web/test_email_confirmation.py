"""Proving an email: the banner until then, and what the link does for whoever opens it."""

import asyncio
from pathlib import Path

import pytest
from mail_folder import link_at
from mailed_links import mailed_token
from pages import FACES, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores

from webapp.errors import StoreUnavailable
from webapp.sessions.service import SessionService

PROFILE = "/settings/profile"
CONFIRMED = "Your email is confirmed."
BANNER = 'id="banner"'

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


@pytest.fixture
async def link(ada: Browser, site: Site) -> str:
    """Return the path of the link that proves Ada's email."""
    return f"/confirm-email/{await mailed_token(site, ada.email, 'confirm')}"


async def is_confirmed(site: Site, browser: Browser) -> bool:
    account = await (await site.services()).accounts.find_by_email(browser.email)
    assert account is not None
    return account.confirmed is not None


def notices(html: str) -> str:
    return html.partition('id="notices"')[2].partition("<h1")[0]


async def test_link_of_the_mail_confirms_and_takes_the_banner_from_every_session(
    ada: Browser, phone: Browser, inbox: Path
) -> None:
    for browser in (ada, phone):
        assert BANNER in (await browser.get("/dashboard")).text
    link = await link_at(inbox, ada.email, "/confirm-email/")
    await ada.get(link)
    assert (await ada.post(link)).headers["Location"] == PROFILE
    assert CONFIRMED in notices((await ada.get(PROFILE)).text)
    for browser in (ada, phone):
        page = (await browser.get("/dashboard")).text
        assert BANNER not in page
        assert "Confirmed" in page
        assert (await browser.json("GET", "/dashboard")).json()["account"]["confirmed"] is True


@each_face
async def test_opening_the_link_changes_nothing(
    face: Face, ada: Browser, link: str, site: Site, stores: Stores
) -> None:
    before = stores.everything()
    for browser in (ada, site.browser()):
        for _ in range(3):
            response = await browser.look(face, link)
            assert response.status_code == 200
            assert ada.email in response.text
            assert "Ada Lovelace" in response.text
    assert stores.everything() == before
    assert not await is_confirmed(site, ada)


async def test_page_of_a_link_offers_no_newer_one_that_would_kill_it(ada: Browser, link: str, site: Site) -> None:
    restoring = f"/restore-email/{await mailed_token(site, ada.email, 'restore')}"
    for path in (link, restoring):
        page = await ada.get(path)
        assert "Signed in as" in page.text
        assert BANNER not in page.text
    assert BANNER in (await ada.get("/confirm-email/wrong")).text


async def test_banner_claims_no_mail_that_may_never_have_been_sent(ada: Browser) -> None:
    banner = (await ada.get("/dashboard")).text.partition(BANNER)[2].partition("</form>")[0]
    assert f"Please confirm your email <bdi>{ada.email}</bdi>." in banner
    assert "Send me a link" in banner
    assert "sent" not in banner


async def test_page_holds_its_own_link_nowhere(ada: Browser, link: str, site: Site) -> None:
    token = link.rpartition("/")[2]
    for browser in (ada, site.browser()):
        page = await browser.get(link)
        assert token not in page.text
        (form,) = [tag for tag in tags(page.text, "form") if tag.get("hx-target") == "#confirm-email"]
        assert "action" not in form
        assert page.headers["Referrer-Policy"] == "strict-origin"


@each_face
async def test_who_is_not_signed_in_confirms_and_is_led_to_signing_in(
    face: Face, ada: Browser, link: str, browser: Browser, site: Site
) -> None:
    await browser.get(link)
    response = await browser.send(face, link)
    if face == "json":
        assert response.json() == {"email": ada.email, "confirmed": True}
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/login"
        assert CONFIRMED in notices((await browser.get("/login")).text)
    assert await is_confirmed(site, ada)


async def test_somebody_else_who_is_signed_in_sees_whose_link_it_is_and_keeps_their_own_email(
    ada: Browser, eve: Browser, link: str, site: Site
) -> None:
    page = await eve.get(link)
    assert "You are signed in as <bdi>Eve</bdi>." in page.text
    assert (await eve.post(link)).headers["Location"] == PROFILE
    page = await eve.get(PROFILE)
    assert "Ada Lovelace&#39;s email is confirmed." in page.text
    assert eve.email in page.text
    assert "Not confirmed" in page.text
    assert await is_confirmed(site, ada)
    assert not await is_confirmed(site, eve)


@each_face
@pytest.mark.parametrize("kind", ["wrong", "truncated", "lengthened", "strange", "of another purpose"])
async def test_link_that_was_never_ours_is_dead(
    *, kind: str, face: Face, ada: Browser, link: str, site: Site, stores: Stores
) -> None:
    tokens = {
        "wrong": f"/confirm-email/{'A' * 43}",
        "truncated": link[:-1],
        "lengthened": f"{link}A",
        "strange": "/confirm-email/%00%F0%9F%A6%8A'--",
        "of another purpose": f"/confirm-email/{await mailed_token(site, ada.email, 'reset')}",
    }
    await ada.get("/dashboard")
    before = stores.everything()
    for response in (await ada.look(face, tokens[kind]), await ada.send(face, tokens[kind])):
        assert response.status_code == 410
        assert link.rpartition("/")[2] not in response.text
        assert face != "json" or is_problem(response, 410)
    assert stores.everything() == before


@each_face
async def test_link_that_was_pressed_twice_alarms_nobody_who_is_signed_in(
    face: Face, ada: Browser, link: str, browser: Browser
) -> None:
    await ada.get(link)
    assert (await ada.send(face, link)).status_code == (303 if face == "page" else 200)
    again = await ada.send(face, link)
    assert (await browser.get(link)).status_code == 410
    if face == "json":
        assert again.status_code == 410
        return
    assert again.headers["Location" if face == "page" else "HX-Redirect"] == PROFILE
    page = await ada.get(PROFILE)
    assert f"Your email is {ada.email}, and it is confirmed." in notices(page.text)


async def test_two_presses_at_once_confirm_once(ada: Browser, link: str, browser: Browser, site: Site) -> None:
    await ada.get(link)
    await browser.get(link)
    answers = await asyncio.gather(*(each.post(link) for each in (browser, ada, browser)))
    assert {answer.status_code for answer in answers} <= {303, 410}
    assert [answer for answer in answers if answer.headers.get("Location") in {"/login", PROFILE}]
    assert await is_confirmed(site, ada)


async def test_stale_button_is_shown_again_and_confirms_nothing(ada: Browser, link: str, site: Site) -> None:
    await ada.get(link)
    for response in (
        await ada.post(link, {"csrf_token": "stale"}),
        await ada.htmx(link, {"csrf_token": "stale"}, page=link),
    ):
        assert response.status_code == 422
        assert is_page(response) or is_fragment(response, "confirm-email")
        assert 'id="form-problem"' in response.text
    assert not await is_confirmed(site, ada)
    # It carries a good token now.
    assert (await ada.post(link)).headers["Location"] == PROFILE


async def test_button_that_was_shown_before_signing_out_still_works(ada: Browser, link: str, site: Site) -> None:
    await ada.get(link)
    await ada.post("/logout")
    assert (await ada.post(link)).headers["Location"] == "/login"
    assert await is_confirmed(site, ada)


@each_face
async def test_redis_that_is_away_hides_nothing_of_it(
    *, face: Face, ada: Browser, link: str, browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.get(link)

    async def fail(*_: object) -> None:
        raise StoreUnavailable("Redis")

    monkeypatch.setattr(SessionService, "put_account", fail)
    response = await browser.send(face, link)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert CONFIRMED in response.text
    assert link not in response.text
    assert await is_confirmed(site, ada)
