"""Signing out: here, and everywhere."""

import httpx
import pytest
from pages import FACES, ORIGIN, SESSION_COOKIE, Browser, Face, Site, cookies_set, is_problem
from stores import Stores


def leads_to(response: httpx.Response, face: Face, path: str) -> bool:
    if face == "json":
        return response.status_code == 200 and isinstance(response.json(), dict)
    if face == "htmx":
        return response.status_code == 200 and response.headers["HX-Redirect"] == path
    return response.status_code == 303 and response.headers["Location"] == path


def deletes_cookie(response: httpx.Response) -> bool:
    cookie = cookies_set(response)[SESSION_COOKIE]
    attributes = (cookie["path"], cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["domain"])
    assert attributes == ("/", True, True, "Lax", "")
    return not cookie.value and cookie["max-age"] == "0"


@pytest.mark.parametrize("face", FACES)
async def test_signing_out_ends_this_session_alone(face: Face, ada: Browser, phone: Browser, stores: Stores):
    kept = ada.session_cookie
    await ada.get("/dashboard")
    response = await ada.send(face, "/logout")
    assert leads_to(response, face, "/login")
    assert deletes_cookie(response)
    assert len(stores.sessions()) == 1
    assert (await phone.get("/dashboard")).status_code == 200
    ada.carry(kept)
    assert (await ada.get("/dashboard")).status_code == 303


@pytest.mark.parametrize("face", FACES)
async def test_answer_is_the_same_when_the_session_was_dead_already(face: Face, ada: Browser, stores: Stores):
    await ada.get("/dashboard")
    stores.redis.delete(*stores.keys())
    response = await ada.send(face, "/logout")
    assert leads_to(response, face, "/login")
    assert deletes_cookie(response)
    assert stores.keys() == set()


@pytest.mark.parametrize("face", FACES)
async def test_second_press_of_the_button_answers_the_same(face: Face, ada: Browser, stores: Stores):
    await ada.get("/dashboard")
    first, second = await ada.send(face, "/logout"), await ada.send(face, "/logout")
    assert leads_to(first, face, "/login")
    assert leads_to(second, face, "/login")
    assert stores.keys() == set()


async def test_visitor_who_signs_out_writes_nothing(browser: Browser, stores: Stores):
    assert (await browser.post("/logout")).headers["Location"] == "/login"
    assert stores.keys() == set()


@pytest.mark.parametrize("path", ["/logout", "/logout-all"])
async def test_browser_clears_what_scripts_keep_but_not_its_cache(path: str, ada: Browser):
    await ada.get("/dashboard")
    cleared = (await ada.post(path)).headers["Clear-Site-Data"]
    assert '"storage"' in cleared
    assert "cache" not in cleared
    assert "*" not in cleared


async def test_next_page_says_that_it_is_done_and_once_only(ada: Browser):
    await ada.get("/dashboard")
    await ada.post("/logout")
    said = [(await ada.get("/login")).text.count('<p id="told-1">You are signed out.</p>') for _ in range(2)]
    assert said == [1, 0]


@pytest.mark.parametrize("face", FACES)
async def test_signing_out_everywhere_ends_all_of_this_person_and_nobody_elses(
    face: Face, ada: Browser, phone: Browser, eve: Browser, stores: Stores
):
    await ada.get("/dashboard")
    response = await ada.send(face, "/logout-all")
    assert leads_to(response, face, "/login")
    assert deletes_cookie(response)
    assert (await phone.get("/dashboard")).status_code == 303
    assert (await eve.get("/dashboard")).status_code == 200
    assert len(stores.sessions()) == 1


async def test_signing_out_everywhere_asks_for_the_password_when_that_is_long_ago(
    ada: Browser, phone: Browser, stores: Stores
):
    stores.age(15 * 60, "confirmed")
    await ada.get("/settings/sessions")
    standing = {"referer": f"{ORIGIN}/settings/sessions"}
    response = await ada.post("/logout-all", None, **standing)
    assert (response.status_code, response.headers["Location"]) == (303, "/confirm?next=/settings/sessions")
    assert is_problem(await ada.json("POST", "/logout-all"), 403)
    assert cookies_set(response) == {}
    assert (await phone.get("/dashboard")).status_code == 200
    assert len(stores.sessions()) == 2


@pytest.mark.parametrize("face", FACES)
async def test_signing_out_everywhere_needs_somebody_who_is_signed_in(face: Face, browser: Browser):
    await browser.get("/login")
    response = await browser.send(face, "/logout-all")
    assert response.status_code == (303 if face == "page" else 401)


@pytest.mark.parametrize("path", ["/logout", "/logout-all"])
async def test_link_does_not_sign_out(path: str, ada: Browser, stores: Stores):
    assert (await ada.get(path)).status_code == 405
    assert len(stores.sessions()) == 1


@pytest.mark.parametrize("path", ["/dashboard", "/settings/sessions", "/confirm", "/no-such-page"])
async def test_every_page_of_somebody_signed_in_has_both_buttons(path: str, ada: Browser):
    page = (await ada.get(path)).text
    assert 'action="/logout"' in page
    assert 'action="/logout-all"' in page


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/no-such-page"])
async def test_page_of_a_visitor_has_neither(path: str, browser: Browser):
    assert 'action="/logout' not in (await browser.get(path)).text


async def test_page_that_was_open_in_a_second_tab_leads_to_the_login_page(ada: Browser, site: Site):
    await ada.get("/dashboard")
    await ada.post("/logout")
    assert (await ada.get("/dashboard")).headers["Location"] == "/login?next=/dashboard"
