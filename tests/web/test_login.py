"""Signing in, through all three faces."""

from collections.abc import Callable

import httpx
import pytest
from pages import (
    FACES,
    PASSWORD,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    is_fragment,
    is_page,
    is_problem,
    tags,
)
from stores import Stores

MONTH, HOUR, MINUTE = 30 * 86400, 3600, 60
UNKNOWN = "nobody@example.test"


def shape(response: httpx.Response, *private: str) -> str:
    """Return the answer without what belongs to one browser or one person."""
    text = response.text
    for tag in tags(text, "input"):
        if tag.get("name") == "csrf_token":
            text = text.replace(tag["value"], "")
    for value in private:
        text = text.replace(value, "")
    return text


async def test_form_says_what_each_field_is_for(browser: Browser):
    page = await browser.get("/login?next=/settings/sessions")
    assert page.status_code == 200
    form = next(tag for tag in tags(page.text, "form") if tag["id"] == "login")
    assert (form["action"], form["method"]) == ("/login", "post")
    inputs = {tag["name"]: tag for tag in tags(page.text, "input")}
    assert set(inputs) == {"csrf_token", "next", "email", "password", "remember", "shared"}
    assert inputs["email"]["autocomplete"] == "username"
    assert inputs["password"]["autocomplete"] == "current-password"
    assert inputs["remember"]["type"] == "checkbox"
    assert "checked" not in inputs["remember"]
    assert inputs["next"]["value"] == "/settings/sessions"


@pytest.mark.parametrize("face", FACES)
async def test_right_password_signs_in(face: Face, ada: Browser, site: Site, stores: Stores):
    browser = site.browser()
    await browser.get("/login")
    response = await browser.send(face, "/login", {"email": ada.email, "password": PASSWORD})
    if face == "json":
        assert response.status_code == 200
        assert response.json()["account"]["email"] == ada.email
    else:
        assert response.status_code == (303 if face == "page" else 200)
        assert response.headers["Location" if face == "page" else "HX-Redirect"] == "/dashboard"
    assert PASSWORD not in response.text
    assert (await browser.get("/dashboard")).status_code == 200
    assert len(stores.sessions()) == 2


@pytest.mark.parametrize("typed", [str.upper, str.title, "  {}  ".format])
async def test_email_is_compared_without_case_and_spaces(typed: Callable[[str], str], ada: Browser, site: Site):
    assert (await site.browser().log_in(typed(ada.email))).status_code == 303


@pytest.mark.parametrize("face", FACES)
async def test_unknown_email_and_wrong_password_are_the_same_answer(
    face: Face, ada: Browser, site: Site, stores: Stores
):
    before = stores.contents()
    answers = []
    for email, password in ((ada.email, "wrong lanterns"), (UNKNOWN, "wrong lanterns"), ("no email", PASSWORD)):
        browser = site.browser()
        await browser.get("/login")
        answers.append(await browser.send(face, "/login", {"email": email, "password": password}))
        assert answers[-1].status_code == 401
        assert SESSION_COOKIE not in cookies_set(answers[-1])
        assert password not in answers[-1].text
        assert face == "json" or f'value="{email}"' in answers[-1].text
    assert len({shape(answer, ada.email, UNKNOWN, "no email") for answer in answers}) == 1
    assert len({tuple(answer.headers) for answer in answers}) == 1
    if face == "json":
        assert is_problem(answers[0], 401)
    else:
        assert is_page(answers[0]) if face == "page" else is_fragment(answers[0], "login")
    assert stores.contents() == before


@pytest.mark.parametrize("password", [PASSWORD.upper(), f"{PASSWORD} ", PASSWORD[:-1], "q" * 50_000, "\0", "🦊"])
async def test_password_that_is_not_exactly_it_is_wrong(password: str, ada: Browser, site: Site):
    assert (await site.browser().log_in(ada.email, password)).status_code == 401


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("missing", ["email", "password"])
async def test_empty_field_is_422_with_what_was_typed(missing: str, face: Face, browser: Browser):
    await browser.get("/login")
    sent = {"email": UNKNOWN, "password": PASSWORD, "remember": "y", "next": "/settings/sessions", missing: ""}
    response = await browser.send(face, "/login", sent)
    assert response.status_code == 422
    assert PASSWORD not in response.text
    if face == "json":
        assert list(response.json()["errors"]) == [missing]
        return
    inputs = {tag["name"]: tag for tag in tags(response.text, "input")}
    assert inputs[missing]["aria-invalid"] == "true"
    assert inputs["email"]["value"] == sent["email"]
    assert "checked" in inputs["remember"]
    assert inputs["next"]["value"] == "/settings/sessions"


@pytest.mark.parametrize("face", FACES)
async def test_sixth_wrong_password_has_to_wait(face: Face, ada: Browser, site: Site, stores: Stores):
    browser = site.browser()
    for _ in range(5):
        assert (await browser.log_in(ada.email, "wrong lanterns")).status_code == 401
    for password in ("wrong lanterns", PASSWORD):
        await browser.get("/login")
        response = await browser.send(face, "/login", {"email": ada.email, "password": password})
        assert response.status_code == 429
        assert 800 < int(response.headers["Retry-After"]) <= 900
        assert "15 minutes" in (response.json()["detail"] if face == "json" else response.text)
    assert (await site.browser("198.51.100.9").log_in(ada.email)).status_code == 303
    assert (await ada.get("/dashboard")).status_code == 200


async def test_limit_is_the_same_for_an_email_without_an_account(site: Site):
    browser = site.browser()
    for _ in range(5):
        assert (await browser.log_in(UNKNOWN, "wrong lanterns")).status_code == 401
    assert (await browser.log_in(UNKNOWN.upper(), "wrong lanterns")).status_code == 429


async def test_right_password_in_between_clears_the_count(ada: Browser, site: Site):
    for _ in range(3):
        # A new one each time: the one before has a count of its own once it is known, which takes a moment.
        browser = site.browser()
        for _ in range(4):
            assert (await browser.log_in(ada.email, "wrong lanterns")).status_code == 401
        assert (await browser.log_in(ada.email)).status_code == 303
        await browser.post("/logout")


async def test_remembered_cookie_lasts_as_long_as_the_record(ada: Browser, site: Site, stores: Stores):
    await ada.post("/logout")
    cookie = cookies_set(await site.browser().log_in(ada.email, remember="y"))[SESSION_COOKIE]
    (record,) = stores.sessions()
    assert int(cookie["max-age"]) == MONTH
    assert MONTH - MINUTE <= stores.ends(record) <= MONTH


async def test_cookie_of_a_session_that_is_not_remembered_ends_with_the_browser(
    ada: Browser, site: Site, stores: Stores
):
    await ada.post("/logout")
    cookie = cookies_set(await site.browser().log_in(ada.email))[SESSION_COOKIE]
    (record,) = stores.sessions()
    assert not cookie["max-age"]
    assert not cookie["expires"]
    assert stores.record(record)["idle"] == str(HOUR)


@pytest.mark.parametrize(("value", "remembered"), [(True, True), (False, False), (None, False)])
async def test_remember_as_json_is_true_or_false(value: object, remembered: bool, ada: Browser, site: Site):  # noqa: FBT001  (a parameter of pytest)
    browser = site.browser()
    sent = {"email": ada.email, "password": PASSWORD, "remember": value}
    cookie = cookies_set(await browser.json("POST", "/login", sent))[SESSION_COOKIE]
    assert bool(cookie["max-age"]) is remembered


async def test_second_sign_in_of_a_browser_ends_the_session_it_had(ada: Browser, stores: Stores):
    """Its sign-in page was open since before: somebody signed in in another tab."""
    first, (old,) = ada.session_cookie, stores.sessions()
    await ada.get("/dashboard")
    response = await ada.post("/login", {"email": ada.email, "password": PASSWORD})
    assert response.status_code == 303
    assert ada.session_cookie != first
    assert len(stores.sessions()) == 1
    assert old not in stores.sessions()
    ada.carry(first)
    assert (await ada.get("/dashboard")).status_code == 303


async def test_signing_in_as_somebody_else_ends_the_session_of_the_first(ada: Browser, eve: Browser, stores: Stores):
    await ada.get("/dashboard")
    assert (await ada.post("/login", {"email": eve.email, "password": PASSWORD})).status_code == 303
    assert (await ada.json("GET", "/dashboard")).json()["account"]["name"] == "Eve"
    assert (await eve.get("/dashboard")).status_code == 200
    assert len(stores.sessions()) == 2


async def test_failed_sign_in_leaves_the_session_that_was_there(ada: Browser):
    await ada.get("/dashboard")
    assert (await ada.post("/login", {"email": ada.email, "password": "wrong lanterns"})).status_code == 401
    assert (await ada.get("/dashboard")).status_code == 200


async def test_sign_in_leads_on_to_next(ada: Browser, site: Site):
    browser = site.browser()
    login = (await browser.get("/settings/sessions")).headers["Location"]
    assert login == "/login?next=/settings/sessions"
    page = await browser.get(login)
    following = next(tag["value"] for tag in tags(page.text, "input") if tag["name"] == "next")
    wrong = await browser.post("/login", {"email": ada.email, "password": "wrong lanterns", "next": following})
    following = next(tag["value"] for tag in tags(wrong.text, "input") if tag["name"] == "next")
    response = await browser.post("/login", {"email": ada.email, "password": PASSWORD, "next": following})
    assert response.headers["Location"] == "/settings/sessions"


async def test_somebody_signed_in_is_led_to_the_dashboard(ada: Browser):
    page = await ada.get("/login?next=/settings/sessions")
    assert (page.status_code, page.headers["Location"]) == (303, "/dashboard")
    assert (await ada.look("htmx", "/login")).headers["HX-Redirect"] == "/dashboard"
    assert is_problem(await ada.json("GET", "/login"), 400)
    assert is_problem(await ada.json("POST", "/login", {"email": ada.email, "password": PASSWORD}), 400)
