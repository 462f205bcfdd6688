"""The form that changes one's password, through all three faces; what a change does is in test_password_changed."""

import json

import pytest
from log_lines import captured
from pages import FACES, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores
from who_is_in import is_out, signs_in

from webapp.accounts.new_passwords import PasswordService

PATH = "/settings/password"
NEW, THIRD = "eleven copper umbrellas", "quiet marble afternoon 7"
SENT = {"current": PASSWORD, "new": NEW}
LONGEST = "correct horse battery staple " * 9

# What was typed, and the field at which it is refused with which status.
REFUSED = {
    "nothing at all": ({}, "current", 422),
    "no current one": ({"new": NEW}, "current", 422),
    "no new one": ({"current": PASSWORD}, "new", 422),
    "empty ones": ({"current": "", "new": ""}, "new", 422),
    "wrong current one": ({"current": "wrong lanterns", "new": NEW}, "current", 401),
    "current one of 300 characters": ({"current": "q" * 300, "new": NEW}, "current", 401),
    "current one with NUL": ({"current": f"{PASSWORD}\0", "new": NEW}, "current", 401),
    "short new one": ({"current": PASSWORD, "new": "kq9-zx7"}, "new", 422),
    "common new one": ({"current": PASSWORD, "new": "password1"}, "new", 422),
    "new one of 257 characters": ({"current": PASSWORD, "new": f"q{LONGEST[:256]}"}, "new", 422),
    "new one of their name": ({"current": PASSWORD, "new": "adalovelace1"}, "new", 422),
    "the same once more": ({"current": PASSWORD, "new": PASSWORD}, "new", 422),
}

STRANGE_JSON = [
    {"current": ["a"], "new": NEW},
    {"current": {}, "new": NEW},
    {**SENT, "new": "\ud800 lanterns"},
    [],
    "a",
]

each_face = pytest.mark.parametrize("face", FACES)


async def test_page_has_the_fields_that_password_managers_look_for(ada: Browser):
    page = await ada.get(PATH)
    fields = {tag["name"]: tag for tag in tags(page.text, "input") if tag.get("name") != "csrf_token"}
    kinds = {name: tag["autocomplete"] for name, tag in fields.items()}
    assert kinds == {"username": "username", "current": "current-password", "new": "new-password"}
    assert fields["username"]["value"] == ada.email
    assert fields["new"]["hx-post"] == "/register/strength"
    assert "every other device" in page.text


@each_face
@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_is_told_at_its_field_and_changes_nothing(
    case: str, face: Face, ada: Browser, phone: Browser, stores: Stores
):
    fields, name, status = REFUSED[case]
    await ada.get(PATH)
    before = stores.contents()
    response = await ada.send(face, PATH, fields)
    assert response.status_code == status
    if face == "json":
        assert is_problem(response, status)
        assert name in response.json()["errors"]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "password-form")
        refused = [tag["name"] for tag in tags(response.text, "input") if tag.get("aria-invalid")]
        assert name in refused
        focused = [tag["name"] for tag in tags(response.text, "input") if "autofocus" in tag]
        assert focused == refused[:1]
    assert not [typed for typed in fields.values() if typed and typed in response.text]
    assert stores.contents() == before
    assert not await is_out(phone)


@each_face
@pytest.mark.parametrize("weak", ["password1", "kq9-zx7", "adalovelace1"])
async def test_weak_new_one_is_told_along_with_the_missing_current_one(weak: str, face: Face, ada: Browser):
    await ada.get(PATH)
    response = await ada.send(face, PATH, {"current": "", "new": weak})
    assert response.status_code == 422
    if face == "json":
        assert list(response.json()["errors"]) == ["current", "new"]
    else:
        refused = [tag["name"] for tag in tags(response.text, "input") if tag.get("aria-invalid")]
        assert refused == ["current", "new"]


async def test_stale_form_is_told_alone(ada: Browser):
    await ada.get(PATH)
    response = await ada.post(PATH, {"current": "", "new": "password1", "csrf_token": "stale"})
    assert 'id="form-problem"' in response.text
    assert "aria-invalid" not in response.text


@pytest.mark.parametrize("body", STRANGE_JSON)
async def test_json_that_is_no_form_is_refused(body: object, ada: Browser, stores: Stores):
    before = stores.contents()
    response = await ada.client.post(PATH, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert is_problem(response, 400)
    assert stores.contents() == before


async def test_fields_that_no_form_has_are_passed_over(ada: Browser, site: Site):
    eve = site.browser()
    await eve.register(name="Eve")
    await ada.get(PATH)
    more = {"username": eve.email, "account_id": "x", "keep": "", "email": eve.email, "password": PASSWORD}
    assert (await ada.post(PATH, {**SENT, **more})).status_code == 303
    assert await signs_in(site, eve.email, PASSWORD)
    assert await signs_in(site, ada.email, NEW)


@pytest.mark.parametrize("new", ["  leading and trailing spaces  ", "žluťoučký kůň", "purple\0lanterns", LONGEST[:256]])
async def test_any_characters_will_do(new: str, ada: Browser, site: Site):
    await ada.get(PATH)
    assert (await ada.post(PATH, {"current": PASSWORD, "new": new})).status_code == 303
    assert await signs_in(site, ada.email, new)


@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_form_that_was_open_too_long_comes_back_and_changes_nothing(face: Face, ada: Browser, stores: Stores):
    before = stores.contents()
    await ada.get(PATH)
    response = await ada.send(face, PATH, {**SENT, "csrf_token": "stale"})
    assert response.status_code == 422
    assert "open for too long" in response.text
    assert NEW not in response.text
    assert stores.contents() == before
    assert (await ada.send(face, PATH, SENT)).status_code in {200, 303}


@each_face
async def test_guessing_the_current_one_has_to_wait(face: Face, ada: Browser):
    await ada.get(PATH)
    for _ in range(5):
        assert (await ada.json("POST", PATH, {"current": "wrong lanterns", "new": NEW})).status_code == 401
    response = await ada.send(face, PATH, SENT)
    assert response.status_code == 429
    assert 800 < int(response.headers["Retry-After"]) <= 900
    assert NEW not in response.text


async def test_nothing_typed_is_in_the_log_of_a_bug(ada: Browser, monkeypatch: pytest.MonkeyPatch):
    async def bug(*values: object, **_: object) -> None:
        raise RuntimeError(f"a bug with {values[1:]}")

    await ada.get(PATH)
    monkeypatch.setattr(PasswordService, "change", bug)
    with captured() as log:
        assert (await ada.post(PATH, SENT)).status_code == 500
    assert "a bug with" in log.text
    assert PASSWORD not in log.text
    assert NEW not in log.text


@each_face
async def test_it_is_for_people_who_are_signed_in(face: Face, browser: Browser):
    await browser.get("/login")
    for response in (await browser.look(face, PATH), await browser.send(face, PATH, SENT)):
        assert response.status_code == (303 if face == "page" else 401)


async def test_strength_check_knows_who_is_signed_in(ada: Browser, browser: Browser):
    await ada.get(PATH)
    verdicts = {}
    for password in ("adalovelace1", "password1", NEW):
        response = await ada.htmx("/register/strength", {"new": password, "current": PASSWORD}, page=PATH)
        assert is_fragment(response, "strength")
        assert password not in response.text
        verdicts[password] = 'data-verdict="weak"' in response.text
    assert verdicts == {"adalovelace1": True, "password1": True, NEW: False}
    # Nobody's name is known of a visitor.
    visitor = await browser.json("POST", "/register/strength", {"new": "adalovelace1"})
    assert visitor.json()["verdict"] == "good"


async def test_strength_check_of_somebody_signed_in_survives_redis(ada: Browser, stores: Stores):
    await ada.get(PATH)
    with stores.away():
        response = await ada.htmx("/register/strength", {"new": "password1"}, page=PATH)
    assert 'data-verdict="weak"' in response.text


async def test_well_known_address_leads_here(ada: Browser, browser: Browser):
    for who in (ada, browser):
        response = await who.get("/.well-known/change-password")
        assert (response.status_code, response.headers["Location"]) == (303, PATH)
    assert (await ada.get(PATH)).status_code == 200
    assert (await browser.get(PATH)).headers["Location"] == f"/login?next={PATH}"
    await ada.post("/logout")
    await ada.get(f"/login?next={PATH}")
    response = await ada.post("/login", {"email": ada.email, "password": PASSWORD, "next": PATH})
    assert response.headers["Location"] == PATH
