"""Signing up, through all three faces."""

import asyncio

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

GOOD = {"name": "Ada Lovelace", "password": PASSWORD}
LONGEST = "correct horse battery staple " * 9

NAMES = {
    "emoji": "Zoë 🦊",
    "family": "👩‍👩‍👧‍👦",
    "right to left": "ليلى بنت أحمد",
    "mixed": "Ada عائشة O\u2019Hara-Smith",
    "one letter": "X",
    "markup": "<b>&amp;\"'{{ 7*7 }}",
    "sql": "Robert'); DROP TABLE account;--",
}
PASSWORDS = [
    "kq9-zx7!v",
    "  leading and trailing spaces  ",
    "žluťoučký kůň",
    "🦊🐢🦔🐝🦉🐙🦀🐌🦋🐳",
    "<script>&\"'purple",
    LONGEST[:256],
]
FAULTS = {
    "no email": ("email", ""),
    "not an email": ("email", "ada"),
    "email without a domain": ("email", "ada@"),
    "email with a line break": ("email", "ada@example.test\nBcc: eve@example.test"),
    "email of 300 characters": ("email", "a" * 290 + "@example.test"),
    "email with markup": ("email", "<script>alert(1)</script>@example.test"),
    "email with NUL": ("email", "ada\0@example.test"),
    "email reordered": ("email", "\u202eada@example.test"),
    "no name": ("name", ""),
    "blank name": ("name", " \t "),
    "name of 300 characters": ("name", "n" * 300),
    "name with line break": ("name", "Ada\r\nSet-Cookie: a=b"),
    "name with NUL": ("name", "Ada\0"),
    "name that reorders the line": ("name", "Ada \u202e"),
    "name that cannot be seen": ("name", "\u200b"),
    "no password": ("password", ""),
    "short password": ("password", "kq9-zx7"),
    "password of 257 characters": ("password", "q" + LONGEST[:256]),
    "password of 40,000 characters": ("password", "gate hous" * 4444),
    "common password": ("password", "password1"),
    "password of the own name": ("password", "ada lovelace"),
    "password of the own email": ("password", "tortoise@example.test!"),
}


def input_named(response: httpx.Response, name: str) -> dict[str, str]:
    return next(tag for tag in tags(response.text, "input") if tag.get("name") == name)


async def test_form_says_what_each_field_is_for(browser: Browser):
    page = await browser.get("/register")
    assert page.status_code == 200
    assert is_page(page)
    form = next(tag for tag in tags(page.text, "form") if tag["id"] == "register")
    assert (form["action"], form["method"]) == ("/register", "post")
    assert input_named(page, "email")["autocomplete"] in {"email", "username"}
    assert input_named(page, "name")["autocomplete"] == "name"
    assert input_named(page, "password")["autocomplete"] == "new-password"
    assert "value" not in input_named(page, "password")
    assert input_named(page, "csrf_token")["value"]


async def test_signing_up_signs_in_and_leads_to_the_dashboard(browser: Browser, stores: Stores):
    response = await browser.register(name="Ada Lovelace")
    assert response.status_code == 303
    assert response.headers["Location"] == "/dashboard"
    assert len(stores.accounts()) == len(stores.sessions()) == 1
    dashboard = await browser.get("/dashboard")
    assert dashboard.status_code == 200
    assert "Ada Lovelace" in dashboard.text
    assert browser.email in dashboard.text


async def test_signing_up_through_htmx_moves_the_window(browser: Browser):
    await browser.get("/register")
    response = await browser.htmx("/register", {"email": browser.email, **GOOD}, page="/register")
    assert response.headers["HX-Redirect"] == "/dashboard"
    assert "Location" not in response.headers
    assert (await browser.get("/dashboard")).status_code == 200


async def test_signing_up_as_json_answers_201_with_the_account(browser: Browser):
    response = await browser.json("POST", "/register", {"email": browser.email, **GOOD})
    assert response.status_code == 201
    account = response.json()["account"]
    assert (account["email"], account["name"], account["role"]) == (browser.email, "Ada Lovelace", "member")
    assert PASSWORD not in response.text
    assert (await browser.json("GET", "/dashboard")).json()["account"] == account


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_fault_is_told_at_its_field_with_what_was_typed_and_nothing_is_written(
    fault: str, face: Face, browser: Browser, stores: Stores
):
    field, value = FAULTS[fault]
    await browser.get("/register")
    before = stores.contents()
    sent = {"email": "tortoise@example.test", **GOOD, field: value}
    response = await browser.send(face, "/register", sent)
    assert response.status_code == 422
    assert SESSION_COOKIE not in cookies_set(response)
    assert not sent["password"] or sent["password"] not in response.text
    if face == "json":
        assert is_problem(response, 422)
        assert list(response.json()["errors"]) == [field]
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "register")
        refused = input_named(response, field)
        assert refused["aria-invalid"] == "true"
        told = [tag["id"] for tag in tags(response.text, "p") if tag.get("class") == "field-error"]
        assert told == [refused["aria-describedby"].split()[-1]]
        kept = "name" if field == "email" else "email"
        assert input_named(response, kept)["value"] == sent[kept]
        assert "value" not in input_named(response, "password")
    assert stores.contents() == before


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_name_of_any_script_is_taken_and_shown_as_text(name: str, browser: Browser, stores: Stores):
    assert (await browser.register(name=name)).status_code == 303
    assert (await browser.json("GET", "/dashboard")).json()["account"]["name"] == name
    for path in ("/dashboard", "/settings/sessions"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "<b>" not in page.text
    assert len(stores.accounts()) == 1


@pytest.mark.parametrize("password", PASSWORDS)
async def test_password_of_any_characters_is_taken_exactly_as_typed(password: str, browser: Browser, site: Site):
    assert (await browser.register(password=password)).status_code == 303
    again = site.browser()
    assert (await again.log_in(browser.email, password)).status_code == 303
    assert (await site.browser().log_in(browser.email, f"{password} ")).status_code == 401


@pytest.mark.parametrize("face", FACES)
async def test_email_that_has_an_account_is_refused_whatever_its_case(
    face: Face, ada: Browser, site: Site, stores: Stores
):
    newcomer = site.browser()
    await newcomer.get("/register")
    before = stores.contents()
    response = await newcomer.send(face, "/register", {"email": ada.email.swapcase(), **GOOD})
    assert response.status_code == 422
    if face == "json":
        assert list(response.json()["errors"]) == ["email"]
    else:
        assert input_named(response, "email")["aria-invalid"] == "true"
        assert input_named(response, "name")["value"] == "Ada Lovelace"
    assert SESSION_COOKIE not in cookies_set(response)
    assert stores.contents() == before


async def test_two_sign_ups_with_one_email_at_once_make_one_account(site: Site, stores: Stores):
    for _ in range(5):
        one, other = site.browser(), site.browser()
        other.email = one.email.upper()
        answers = await asyncio.gather(one.register(), other.register())
        assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(stores.accounts()) == len(stores.sessions()) == 5


async def test_email_is_kept_as_typed_without_the_spaces_around_it(browser: Browser):
    browser.email = "  Ada.Lovelace@Example.test "
    await browser.register()
    assert (await browser.json("GET", "/dashboard")).json()["account"]["email"] == "Ada.Lovelace@Example.test"


async def test_somebody_signed_in_is_led_to_the_dashboard(ada: Browser):
    page = await ada.get("/register")
    assert (page.status_code, page.headers["Location"]) == (303, "/dashboard")
    fragment = await ada.look("htmx", "/register")
    assert fragment.headers["HX-Redirect"] == "/dashboard"
    assert is_problem(await ada.json("GET", "/register"), 400)
    assert is_problem(await ada.json("POST", "/register", {"email": "new@example.test", **GOOD}), 400)
