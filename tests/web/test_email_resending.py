"""Sending the link once more that proves an email, from the banner of every page."""

from pathlib import Path

import pytest
from mail_folder import arrived, link_to
from mailed_links import mailed_token
from pages import FACES, ORIGIN, Browser, Face, Site, is_fragment, is_problem
from stores import Stores

RESEND = "/settings/email/resend"

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


def notices(html: str) -> str:
    return html.partition('id="notices"')[2].partition("<h1")[0]


@each_face
async def test_link_is_sent_again_and_the_older_one_is_dead(face: Face, ada: Browser, inbox: Path) -> None:
    older = await link_to(inbox, ada.email)
    await ada.get("/dashboard")
    response = await ada.send(face, RESEND)
    said = f"We sent a link to {ada.email}."
    if face == "json":
        assert response.json() == {"sent": True, "email": ada.email}
    elif face == "htmx":
        assert is_fragment(response, "notices")
        assert said in response.text
    else:
        assert response.status_code == 303
        assert said in notices((await ada.get(response.headers["Location"])).text)
    newer = await link_to(inbox, ada.email, 2)
    assert (await ada.get(older)).status_code == 410
    assert (await ada.get(newer)).status_code == 200


async def test_sending_again_leads_back_to_the_page_it_was_asked_on(ada: Browser) -> None:
    await ada.get("/settings/sessions")
    response = await ada.post(RESEND, referer=f"{ORIGIN}/settings/sessions")
    assert response.headers["Location"] == "/settings/sessions"


@each_face
async def test_sending_again_at_once_has_to_wait(face: Face, ada: Browser, inbox: Path) -> None:
    await ada.get("/dashboard")
    await ada.post(RESEND)
    response = await ada.send(face, RESEND)
    assert response.status_code == 429
    assert 60 < int(response.headers["Retry-After"]) <= 120
    timer = f'<span role="timer" data-countdown="{response.headers["Retry-After"]}">in 2 minutes</span>'
    wait = "in 2 minutes" if face == "json" else timer
    assert f"You can ask for the next one {wait}." in response.text
    if face == "htmx":
        assert response.headers["HX-Retarget"] == "#notices"
    assert face != "json" or is_problem(response, 429)
    assert len(await arrived(inbox, ada.email, 2)) == 2


@each_face
async def test_nothing_is_sent_where_the_email_is_confirmed(
    face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    link = f"/confirm-email/{await mailed_token(site, ada.email, 'confirm')}"
    await ada.get(link)
    await ada.post(link)
    await ada.get("/dashboard")
    before = stores.everything()
    response = await ada.send(face, RESEND)
    if face == "json":
        assert response.json() == {"sent": False, "email": ada.email}
    else:
        shown = response if face == "htmx" else await ada.get(response.headers["Location"])
        assert "Your email is confirmed already." in shown.text
    assert stores.everything() == before


@pytest.mark.parametrize("path", [RESEND, "/settings/email", "/settings/email/cancel"])
async def test_all_of_it_is_for_people_who_are_signed_in(path: str, browser: Browser) -> None:
    assert (await browser.json("POST", path, {"email": "elsewhere@example.test"})).status_code == 401
