"""Links to a new password: opening one changes nothing, and all that open nothing get one page."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus

import httpx
import pytest
from mailed_links import mailed_token
from pages import FACES, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from stores import Stores
from who_is_in import signs_in

from webapp.accounts.links import Purpose
from webapp.shielding import settle
from webapp.web.pages.dead_links import TITLE

NEW = "eleven copper umbrellas"

# What is made of a token that once was good, or never was.
DEAD: dict[str, Callable[[str], str]] = {
    "unknown": lambda _: "A" * 43,
    "cut short": lambda token: token[:-1],
    "with a full stop": lambda token: f"{token}.",
    "in other letters": lambda token: token.swapcase(),
    "300 characters": lambda token: token * 7,
    "NUL": lambda token: f"{token[:-3]}%00",
    "half a character": lambda token: f"{token[:-3]}%ff",
    "markup": lambda _: "%3Cscript%3Ealert(1)%3C%2Fscript%3E".replace("%2F", "-"),
    "one character": lambda _: "x",
}

# A test that writes past the application stops its event loop meanwhile, and what it would be half through would never
# let go of the database.
pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed")

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def sql(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Look into the database, past the application."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as db:
        yield db


def is_dead(face: Face, response: httpx.Response) -> bool:
    """Tell whether the answer says that the link does not work, and offers a new one."""
    if face == "json":
        return is_problem(response, 410) and response.json()["title"] == TITLE
    whole = is_page(response) if face == "page" else is_fragment(response, "dead-link")
    offered = [tag["href"] for tag in tags(response.text, "a") if "button-primary" in tag.get("class", "")]
    return whole and response.status_code == HTTPStatus.GONE and TITLE in response.text and offered == ["/forgot"]


async def test_opening_it_shows_whose_account_it_is_and_changes_nothing(
    link: str, ada: Browser, browser: Browser, *, site: Site, stores: Stores, sql: sqlite3.Connection
):
    before = stores.everything(), sql.execute("SELECT * FROM link").fetchall()
    page = await browser.get(link)
    assert page.status_code == 200
    assert (await browser.get(link)).status_code == 200
    assert (await browser.client.head(link)).status_code == 200
    assert (stores.everything(), sql.execute("SELECT * FROM link").fetchall()) == before
    fields = {tag["name"]: tag for tag in tags(page.text, "input") if tag.get("name") != "csrf_token"}
    kinds = {name: tag["autocomplete"] for name, tag in fields.items()}
    assert kinds == {"email": "username", "new": "new-password"}
    assert fields["email"]["value"] == ada.email
    assert page.text.count(ada.email) == 2
    assert await signs_in(site, ada.email, PASSWORD)


async def test_page_leads_nowhere_else_and_has_the_token_in_its_form_alone(link: str, browser: Browser):
    page = await browser.get(link)
    token = link.removeprefix("/reset/")
    (form,) = [tag for tag in tags(page.text, "form") if token in tag.get("action", "")]
    assert (form["action"], form["hx-post"]) == (link, link)
    assert page.text.count(token) == 2
    leading = [
        tag.get("href", "") or tag.get("src", "") for name in ("a", "link", "script") for tag in tags(page.text, name)
    ]
    assert [address for address in leading if not address.startswith(("/", "#"))] == []


async def test_page_in_json_names_its_fields(link: str, browser: Browser):
    assert (await browser.json("GET", link)).json() == {"fields": ["new"]}


@each_face
@pytest.mark.parametrize("case", DEAD)
async def test_what_is_no_token_gets_the_one_page(case: str, face: Face, link: str, browser: Browser, stores: Stores):
    dead = f"/reset/{DEAD[case](link.removeprefix('/reset/'))}"
    await browser.get("/login")
    before = stores.contents()
    for response in (await browser.look(face, dead), await browser.send(face, dead, {"new": NEW})):
        assert is_dead(face, response), (response.status_code, response.text)
    assert stores.contents() == before
    assert (await browser.get(link)).status_code == 200


@each_face
@pytest.mark.parametrize("way", ["used", "older", "changed", "stale", "moved", "gone"])
async def test_link_that_was_overtaken_gets_the_same_page(
    way: str, face: Face, link: str, *, ada: Browser, site: Site, sql: sqlite3.Connection
):
    reader = site.browser()
    await reader.get(link)
    # Nor may hastening the look at Ada's session be half through when this test writes.
    await settle()
    match way:
        case "used":
            assert (await reader.post(link, {"new": NEW})).status_code == 303
        case "older":
            await mailed_token(site, ada.email)
        case "changed":
            await ada.get("/settings/password")
            assert (await ada.post("/settings/password", {"current": PASSWORD, "new": NEW})).status_code == 303
        case "stale":
            sql.execute("UPDATE link SET expires = created")
        case "moved":
            sql.execute("UPDATE account SET email = 'other@example.test', email_key = 'other@example.test'")
        case "gone":
            sql.execute("PRAGMA foreign_keys = ON")
            sql.execute("DELETE FROM account")
    for response in (await reader.look(face, link), await reader.send(face, link, {"new": "quiet marble afternoon 7"})):
        assert is_dead(face, response), (response.status_code, response.text)
    if way in {"older", "stale"}:
        assert await signs_in(site, ada.email, PASSWORD)


@pytest.mark.parametrize("purpose", ["confirm", "change", "restore"])
async def test_token_of_another_kind_of_link_opens_nothing_here(
    purpose: Purpose, ada: Browser, browser: Browser, site: Site
):
    token = await mailed_token(site, ada.email, purpose, to="new@example.test" if purpose == "change" else "")
    assert is_dead("page", await browser.get(f"/reset/{token}"))
    assert is_dead("page", await browser.post(f"/reset/{token}", {"new": NEW}))


async def test_dead_link_keeps_the_header_of_whoever_is_signed_in(ada: Browser):
    page = await ada.get("/reset/x")
    assert is_dead("page", page)
    assert 'action="/logout"' in page.text


async def test_other_methods_are_refused_as_everywhere(link: str, browser: Browser):
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await browser.client.request(method, link)).status_code == 405


async def test_it_works_without_redis_until_then(link: str, ada: Browser, browser: Browser, stores: Stores):
    with stores.away():
        for who in (ada, browser):
            assert (await who.get(link)).status_code == 200
            assert is_dead("page", await who.get("/reset/x"))
