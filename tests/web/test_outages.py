"""Redis or SQL does not answer: nobody is signed out for it, and no cookie is touched (promise 8)."""

from collections.abc import Callable

import pytest
from log_lines import captured
from pages import FACES, PASSWORD, SESSION_COOKIE, Browser, Face, Site, cookies_set, is_page, is_problem
from serving import serving
from stores import Stores

from webapp.accounts.passwords import PasswordHasher

NOWHERE = "postgresql://postgres@127.0.0.1:1/nothing"
LIST = "/settings/sessions"
SAFE = ["/dashboard", LIST, "/confirm"]
UNSAFE = [
    "/logout",
    "/logout-all",
    f"{LIST}/end-others",
    f"{LIST}/{'A' * 22}/end",
    f"{LIST}/{'A' * 22}/name",
    "/confirm",
]


@pytest.mark.parametrize("path", SAFE)
@pytest.mark.parametrize("face", FACES)
async def test_member_page_is_503_and_the_cookie_stays(face: Face, path: str, phone: Browser, stores: Stores):
    with stores.away():
        response = await phone.look(face, path)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert SESSION_COOKIE not in cookies_set(response)
    if face == "json":
        assert is_problem(response, 503)
    elif face == "htmx":
        assert "<html" not in response.text
        assert response.headers["HX-Retarget"] == "#notices"
    else:
        assert is_page(response)
    assert (await phone.look(face, path)).status_code == 200


@pytest.mark.parametrize("path", UNSAFE)
async def test_member_act_is_503_claims_nothing_and_the_cookie_stays(path: str, phone: Browser, stores: Stores):
    await phone.get(LIST)
    before = stores.contents()
    with stores.away():
        response = await phone.post(path, {"password": PASSWORD, "name": "Pocket"})
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert SESSION_COOKIE not in cookies_set(response)
    assert "Clear-Site-Data" not in response.headers
    assert stores.contents() == before
    assert (await phone.get(LIST)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/healthz", "/.well-known/change-password"])
async def test_page_that_needs_no_session_still_renders(path: str, ada: Browser, site: Site, stores: Stores):
    with stores.away():
        for browser in (ada, site.browser()):
            response = await browser.get(path)
            assert response.status_code in {200, 303}
            assert SESSION_COOKIE not in cookies_set(response)


@pytest.mark.parametrize("path", ["/no-such-page", "/static/none.css"])
async def test_unknown_path_is_still_404(path: str, ada: Browser, stores: Stores):
    with stores.away():
        response = await ada.get(path)
    assert response.status_code == 404
    assert SESSION_COOKIE not in cookies_set(response)


@pytest.mark.parametrize("face", FACES)
async def test_sign_in_is_503_and_works_afterwards(face: Face, ada: Browser, site: Site, stores: Stores):
    browser = site.browser()
    await browser.get("/login")
    sent = {"email": ada.email, "password": PASSWORD}
    with stores.away():
        response = await browser.send(face, "/login", sent)
    assert response.status_code == 503
    assert SESSION_COOKIE not in cookies_set(response)
    assert PASSWORD not in response.text
    # htmx has the form still; a page would have lost it.
    assert face != "page" or f'value="{ada.email}"' in response.text
    assert (await browser.send(face, "/login", sent)).status_code in {200, 303}


async def test_sign_up_without_redis_says_what_became_of_it(browser: Browser, stores: Stores):
    await browser.get("/register")
    sent = {"email": browser.email, "name": "Ada", "password": PASSWORD}
    with stores.away():
        response = await browser.post("/register", sent)
    assert response.status_code == 503
    assert SESSION_COOKIE not in cookies_set(response)
    if stores.accounts():
        assert "account was made" in response.text
        assert (await browser.post("/login", sent)).status_code == 303
    else:
        assert (await browser.post("/register", sent)).status_code == 303


async def test_signed_in_pages_need_no_database(
    ada: Browser, environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]
):
    async with serving({**environ, "DATABASE_URL": NOWHERE}, cheap_hasher()) as site:
        browser = site.browser()
        browser.carry(ada.session_cookie)
        for path in ("/dashboard", LIST, "/confirm"):
            assert (await browser.get(path)).status_code == 200
        assert (await browser.post("/logout")).status_code == 303


@pytest.mark.parametrize("face", FACES)
async def test_what_asks_the_database_is_503_without_it(
    face: Face, ada: Browser, environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]
):
    fields = {"email": "new@example.test", "name": "New", "password": PASSWORD}
    async with serving({**environ, "DATABASE_URL": NOWHERE}, cheap_hasher()) as site:
        visitor, member = site.browser(), site.browser()
        member.carry(ada.session_cookie)
        await visitor.get("/login")
        await member.get("/confirm")
        for browser, path in ((visitor, "/login"), (visitor, "/register"), (member, "/confirm")):
            response = await browser.send(face, path, fields)
            assert response.status_code == 503, path
            assert int(response.headers["Retry-After"]) > 0
            assert SESSION_COOKIE not in cookies_set(response)
            assert "127.0.0.1" not in response.text


@pytest.mark.parametrize("production", [True, False])
async def test_path_cannot_write_lines_of_its_own_into_the_log(phone: Browser, stores: Stores, *, production: bool):
    with stores.away(), captured(production=production) as log:
        response = await phone.post(f"{LIST}/x%0A2026-01-01%20ERROR%20made%20up/end")
    assert response.status_code == 503
    assert "made up" in log.text
    assert not [line for line in log.lines if line.startswith("2026-01-01")]
