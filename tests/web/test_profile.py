"""One's name, through all three faces: changed at once, for every session's next page."""

from datetime import datetime
from pathlib import Path

import pytest
from pages import FACES, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores

from webapp.errors import StoreUnavailable
from webapp.sessions.service import SessionService

PATH = "/settings/profile"
NAMES = ["Grace Hopper", "Zoë 🦊", "ليلى بنت أحمد", "<b>&amp;\"'{{ 7*7 }}", "n" * 100]
REFUSED = ["", " \t ", "n" * 101, "Ada\r\nSet-Cookie: a=b", "Ada\0", "Ada \u202e", "\u200b"]
STRANGE_JSON = [{"name": ["Ada"]}, {"name": {}}, {"name": None}, [], "Ada"]

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Send mail, into a folder."""
    return {**environ, "MAIL_URL": f"file://{tmp_path}"}


def name_field(html: str) -> dict[str, str]:
    (form,) = [tag for tag in tags(html, "form") if tag.get("id") == "name-form"]
    assert (form["action"], form["method"]) == (PATH, "post")
    return next(tag for tag in tags(html, "input") if tag.get("name") == "name")


async def test_page_shows_the_name_and_the_email(ada: Browser) -> None:
    page = await ada.get(PATH)
    assert page.status_code == 200
    field = name_field(page.text)
    assert (field["value"], field["autocomplete"]) == ("Ada Lovelace", "name")
    assert ada.email in page.text.partition('id="email-heading"')[2]
    assert "Not confirmed" in page.text


async def test_program_is_told_the_account_and_that_no_change_waits(ada: Browser) -> None:
    answer = (await ada.json("GET", PATH)).json()
    account = answer.pop("account")
    assert (account["name"], account["email"], account["confirmed"]) == ("Ada Lovelace", ada.email, False)
    assert answer == {"pending": None}


async def test_program_is_told_which_email_waits_and_until_when(ada: Browser) -> None:
    await ada.json("POST", "/settings/email", {"email": "elsewhere@example.test"})
    pending = (await ada.json("GET", PATH)).json()["pending"]
    assert pending["email"] == "elsewhere@example.test"
    assert datetime.fromisoformat(pending["expires"]).tzinfo is not None


@each_face
@pytest.mark.parametrize("name", NAMES)
async def test_new_name_is_on_the_next_page_of_every_session(
    name: str, face: Face, ada: Browser, phone: Browser
) -> None:
    await ada.get(PATH)
    response = await ada.send(face, PATH, {"name": f"  {name} "})
    if face == "json":
        assert (response.status_code, response.json()["account"]["name"]) == (200, name)
    else:
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == PATH
        page = await ada.get(PATH)
        assert name_field(page.text)["value"] == name
        assert "You are now called " in page.text.partition('id="notices"')[2].partition("</div>")[0]
        assert "<b>" not in page.text
    for browser in (ada, phone):
        assert (await browser.json("GET", "/dashboard")).json()["account"]["name"] == name


@each_face
@pytest.mark.parametrize("name", REFUSED)
async def test_name_that_is_none_is_refused_at_its_field_as_it_was_typed(
    name: str, face: Face, ada: Browser, stores: Stores
) -> None:
    await ada.get(PATH)
    before = stores.contents()
    response = await ada.send(face, PATH, {"name": name})
    assert response.status_code == 422
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == ["name"]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "name-form")
        field = name_field(response.text)
        assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "name-error")
        assert "autofocus" in field
        # The other form of the page is as if it had not been sent, which it was not.
        assert [tag for tag in tags(response.text, "input") if tag.get("id") == "email" and "aria-invalid" in tag] == []
    assert stores.contents() == before


@pytest.mark.parametrize("body", STRANGE_JSON)
async def test_body_that_holds_no_name_is_refused(body: object, ada: Browser, stores: Stores) -> None:
    before = stores.contents()
    assert (await ada.json("POST", PATH, body)).status_code in {400, 422}
    assert stores.contents() == before


# A JSON body needs no token.
@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_stale_form_comes_back_with_the_name_that_was_typed(face: Face, ada: Browser, stores: Stores) -> None:
    await ada.get(PATH)
    before = stores.contents()
    response = await ada.send(face, PATH, {"name": "Grace", "csrf_token": "stale"})
    assert response.status_code == 422
    assert name_field(response.text)["value"] == "Grace"
    assert response.text.count('id="form-problem"') == 1
    assert stores.contents() == before


async def test_pressing_twice_is_harmless(ada: Browser) -> None:
    await ada.get(PATH)
    for _ in range(2):
        assert (await ada.post(PATH, {"name": "Grace"})).status_code == 303
    assert (await ada.json("GET", PATH)).json()["account"]["name"] == "Grace"


@each_face
async def test_account_that_is_gone_leads_to_the_sign_in_page(face: Face, ada: Browser, site: Site) -> None:
    await ada.get(PATH)
    services = await site.services()
    account = await services.accounts.find_by_email(ada.email)
    assert account is not None
    await services.erasures.erase_now(account.id)
    response = await ada.send(face, PATH, {"name": "Grace"})
    assert response.status_code == (303 if face == "page" else 401)


@each_face
async def test_redis_that_goes_away_after_the_change_hides_nothing_of_it(
    face: Face, ada: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.get(PATH)

    async def fail(*_: object) -> None:
        raise StoreUnavailable("Redis")

    monkeypatch.setattr(SessionService, "put_account", fail)
    response = await ada.send(face, PATH, {"name": "Grace"})
    assert response.status_code == 503
    assert "Your new name is kept" in response.text
    account = await (await site.services()).accounts.find_by_email(ada.email)
    assert account is not None
    assert account.name == "Grace"
    # The server does the rest.
    assert "account" in [entry.kind for entry in await (await site.services()).outbox.about(account.id)]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_it_is_for_people_who_are_signed_in(method: str, browser: Browser) -> None:
    assert (await browser.json(method, PATH)).status_code == 401
