"""The form that asks for another email: what it refuses, and what it keeps typed."""

from pathlib import Path

import pytest
from mail_folder import arrived
from pages import FACES, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores
from who_is_in import account_id_of

from webapp.accounts.links import Link

PROFILE, EMAIL = "/settings/profile", "/settings/email"
NEW = "Ada@elsewhere.test"
WINDOW = 15 * 60
REFUSED = ["", "ada", "ada@", "@example.test", "ada@localhost", "a" * 250 + "@x.test", "ada@x.test\nBcc: eve@x.test"]
STRANGE_JSON = [{"email": [NEW]}, {"email": {}}, {"email": None}, [], NEW]

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], inbox: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{inbox}"}


def email_field(html: str) -> dict[str, str]:
    (form,) = [tag for tag in tags(html, "form") if tag.get("id") == "email-form"]
    assert (form["action"], form["method"]) == (EMAIL, "post")
    return next(tag for tag in tags(html, "input") if tag.get("name") == "email")


async def links_of(site: Site, browser: Browser) -> list[Link]:
    account_id = await account_id_of(site, browser.email)
    return await (await site.services()).accounts.links_of(account_id)


@each_face
@pytest.mark.parametrize("email", REFUSED)
async def test_what_is_no_email_is_refused_at_its_field(
    email: str, face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    await ada.get(PROFILE)
    before, links = stores.everything(), await links_of(site, ada)
    response = await ada.send(face, EMAIL, {"email": email})
    assert response.status_code == 422
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == ["email"]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "email-form")
        field = email_field(response.text)
        assert field["aria-invalid"] == "true"
        assert "autofocus" in field
        assert "email-error" in field["aria-describedby"].split()
    assert (stores.everything(), await links_of(site, ada)) == (before, links)


@pytest.mark.parametrize("body", STRANGE_JSON)
async def test_body_that_holds_no_email_is_refused(body: object, ada: Browser, stores: Stores) -> None:
    before = stores.everything()
    assert (await ada.json("POST", EMAIL, body)).status_code in {400, 422}
    assert stores.everything() == before


@each_face
async def test_the_email_that_is_there_already_is_told_at_the_field(face: Face, ada: Browser) -> None:
    await ada.get(PROFILE)
    response = await ada.send(face, EMAIL, {"email": ada.email})
    assert response.status_code == 422
    assert "This is your email already." in response.text
    assert face == "json" or email_field(response.text)["value"] == ada.email


@each_face
async def test_nobody_learns_here_whether_an_address_is_somebodys(
    face: Face, ada: Browser, eve: Browser, inbox: Path
) -> None:
    await eve.get(PROFILE)
    free = await eve.send(face, EMAIL, {"email": "free@example.test"})
    taken = await eve.send(face, EMAIL, {"email": ada.email})
    assert free.status_code == taken.status_code
    assert face != "json" or taken.json()["pending"]["email"] == ada.email
    await arrived(inbox, ada.email, 2)


@each_face
async def test_password_is_asked_in_place_and_the_address_stays_typed(
    face: Face, ada: Browser, site: Site, stores: Stores
) -> None:
    stores.age(WINDOW, "confirmed")
    assert 'id="email-password"' in (await ada.get(PROFILE)).text
    before = await links_of(site, ada)
    for password, status in (("", 422), ("wrong lanterns", 401)):
        response = await ada.send(face, EMAIL, {"email": NEW, "password": password})
        assert response.status_code == status
        assert not password or password not in response.text
        assert face == "json" or email_field(response.text)["value"] == NEW
    assert await links_of(site, ada) == before
    response = await ada.send(face, EMAIL, {"email": NEW, "password": PASSWORD})
    assert response.status_code == (303 if face == "page" else 200)
    assert (await ada.json("GET", PROFILE)).json()["pending"]["email"] == NEW


@each_face
async def test_asking_again_at_once_has_to_wait_with_the_address_kept(face: Face, ada: Browser, site: Site) -> None:
    await ada.get(PROFILE)
    assert (await ada.post(EMAIL, {"email": NEW})).headers["Location"] == PROFILE
    before = await links_of(site, ada)
    await ada.get(PROFILE)
    response = await ada.send(face, EMAIL, {"email": NEW})
    assert response.status_code == 429
    assert 60 < int(response.headers["Retry-After"]) <= 120
    said = "We sent a link not long ago. You can ask for the next one in 2 minutes."
    if face == "json":
        assert response.json()["errors"] == {"email": [said]}
    else:
        timer = f'<span role="timer" data-countdown="{response.headers["Retry-After"]}">in 2 minutes</span>'
        said = said.replace("in 2 minutes", timer)
        assert said in response.text.partition('id="email-error"')[2].partition("</p>")[0]
        assert "Too many tries" not in response.text
        assert is_page(response) if face == "page" else is_fragment(response, "email-form")
        assert email_field(response.text)["value"] == NEW
    assert face != "page" or 'id="pending-email"' in response.text
    assert await links_of(site, ada) == before


# A JSON body needs no token.
@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_stale_form_comes_back_with_the_address(face: Face, ada: Browser, site: Site) -> None:
    await ada.get(PROFILE)
    before = await links_of(site, ada)
    response = await ada.send(face, EMAIL, {"email": NEW, "csrf_token": "stale"})
    assert response.status_code == 422
    assert email_field(response.text)["value"] == NEW
    assert await links_of(site, ada) == before
