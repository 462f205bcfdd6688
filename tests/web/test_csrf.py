"""Requests that change something come from our own pages (promise 14)."""

import pytest
from pages import FACES, ORIGIN, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags, token_in
from stores import Stores
from told import end

LIST = "/settings/sessions"
END = f"{LIST}/end-others"

# Sec-Fetch-Site and Origin.
OURS = [
    ("same-origin", ORIGIN),
    ("same-origin", None),
    ("same-origin", "null"),
    ("none", None),
    (None, ORIGIN),
    (None, None),
]
FOREIGN = [
    ("cross-site", "https://evil.test"),
    ("cross-site", None),
    ("cross-site", ORIGIN),
    ("same-site", "https://www.gatehouse.test"),
    ("same-site", ORIGIN),
    ("", ORIGIN),
    ("SAME-ORIGIN", None),
    ("same-origin, cross-site", None),
    (None, "https://evil.test"),
    (None, "null"),
    (None, ""),
    (None, "http://gatehouse.test"),
    (None, "https://gatehouse.test:8443"),
    (None, "https://gatehouse.test.evil.test"),
    (None, "https://evil.test/https://gatehouse.test"),
    (None, "https://gatehouse.test@evil.test"),
    (None, f"{ORIGIN}, https://evil.test"),
]


def sent_by(fetch_site: str | None, origin: str | None) -> dict[str, str]:
    headers = {"sec_fetch_site": fetch_site, "origin": origin}
    return {name: value for name, value in headers.items() if value is not None}


@pytest.mark.parametrize(("fetch_site", "origin"), OURS)
@pytest.mark.usefixtures("phone")
async def test_form_from_our_own_origin_is_taken(fetch_site: str | None, origin: str | None, ada: Browser):
    await ada.get(LIST)
    assert (await ada.post(END, None, **sent_by(fetch_site, origin))).status_code == 303


@pytest.mark.usefixtures("phone")
async def test_form_from_any_other_origin_is_refused(ada: Browser, stores: Stores):
    await ada.get(LIST)
    for fetch_site, origin in FOREIGN:
        response = await ada.post(END, None, **sent_by(fetch_site, origin))
        assert response.status_code == 403, (fetch_site, origin)
    assert len(stores.sessions()) == 2


@pytest.mark.parametrize("face", FACES)
async def test_other_sites_get_each_face_of_403(face: Face, ada: Browser, phone: Browser, stores: Stores):
    ada.client.headers["Origin"] = "https://evil.test"
    response = await ada.send(face, END)
    assert response.status_code == 403
    if face == "json":
        assert is_problem(response, 403)
    elif face == "htmx":
        assert response.headers["HX-Retarget"] == "#notices"
    else:
        assert is_page(response)
    assert len(stores.sessions()) == 2


async def test_other_site_may_link_here(ada: Browser):
    headers = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert (await ada.get("/dashboard", **headers)).status_code == 200


async def test_nothing_says_yes_to_another_site(ada: Browser):
    for method in ("GET", "OPTIONS", "POST"):
        headers = {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
        response = await ada.client.request(method, "/dashboard", headers=headers)
        assert not [name for name in response.headers if name.startswith("access-control")]
        assert response.status_code == (200 if method == "GET" else 405)


async def test_token_belongs_to_the_session_alone(ada: Browser, phone: Browser, eve: Browser, stores: Stores):
    await ada.get(LIST)
    own = ada.token
    for token in ("", own[:-1], own + own, own.swapcase(), " " + own, phone.token, eve.token, "é", "\0"):
        assert token != own
        response = await ada.post(END, {"csrf_token": token})
        assert response.status_code == 403
    assert len(stores.sessions()) == 3
    assert (await ada.post(END, {"csrf_token": own})).status_code == 303


async def test_token_of_the_time_before_signing_in_does_not_serve_the_session(browser: Browser, stores: Stores):
    """Who can plant a visitor's cookie knows the visitor's token, but must not act as the person who signs in."""
    await browser.get("/login")
    before = browser.token
    await browser.register()
    assert (await browser.post("/logout-all", {"csrf_token": before})).status_code == 403
    assert (await browser.post(END, {"csrf_token": before})).status_code == 403
    assert len(stores.sessions()) == 1


async def test_token_of_an_ended_session_does_not_serve_the_next_one(ada: Browser, stores: Stores):
    await ada.get("/dashboard")
    old = ada.token
    await ada.post("/logout")
    await ada.log_in()
    assert (await ada.post("/logout-all", {"csrf_token": old})).status_code == 403
    assert len(stores.sessions()) == 1


async def test_tokens_of_two_visitors_differ_and_stay(site: Site):
    one, other = site.browser(), site.browser()
    tokens = []
    for browser in (one, other, one):
        await browser.get("/login")
        tokens.append(browser.token)
    assert tokens[0] == tokens[2] != tokens[1]


async def test_somebody_cannot_be_signed_in_by_another_site(eve: Browser, site: Site):
    """Login CSRF: the attacker signs the victim in as the attacker, and reads what is entered there."""
    victim, attacker = site.browser(), site.browser()
    await attacker.get("/login")
    await victim.get("/login")
    sent = {"email": eve.email, "password": PASSWORD}
    for token in ("", attacker.token):
        assert (await victim.post("/login", {**sent, "csrf_token": token})).status_code == 422
    assert victim.session_cookie == ""


@pytest.mark.parametrize("face", ["page", "htmx"])
@pytest.mark.parametrize("path", ["/register", "/login"])
async def test_form_left_open_too_long_comes_back_with_what_was_typed(
    path: str, face: Face, browser: Browser, stores: Stores
):
    typed = {"email": "ada@example.test", "name": "Ada", "remember": "y", "next": LIST}
    response = await browser.send(face, path, {**typed, "password": PASSWORD, "csrf_token": "of another time"})
    assert response.status_code == 422
    assert is_page(response) if face == "page" else is_fragment(response, path[1:])
    assert PASSWORD not in response.text
    assert "open for too long" in response.text
    inputs = {tag["name"]: tag for tag in tags(response.text, "input")}
    assert inputs["email"]["value"] == "ada@example.test"
    if path == "/register":
        assert inputs["name"]["value"] == "Ada"
    else:
        assert "checked" in inputs["remember"]
        assert inputs["next"]["value"] == LIST
    assert stores.contents() == ({}, [])
    again = {**typed, "password": PASSWORD, "csrf_token": inputs["csrf_token"]["value"]}
    assert (await browser.post(path, again)).status_code == (303 if path == "/register" else 401)


async def test_sign_in_form_that_was_open_before_another_tab_signed_in_still_works(ada: Browser, site: Site):
    browser = site.browser()
    await browser.get("/login")
    waiting = browser.token
    await browser.log_in(ada.email)
    again = await browser.post("/login", {"email": ada.email, "password": PASSWORD, "csrf_token": waiting})
    assert again.status_code == 303


@pytest.mark.usefixtures("nobody_does_what_is_owed")
async def test_form_for_everybody_that_was_open_before_another_tab_signed_in_still_works(
    phone: Browser, site: Site, link: str
):
    """The tab was opened with the cookie of a session that is over; the other one has begun the next."""
    await end(site, phone)
    waiting = token_in((await phone.get(link)).text)
    await phone.log_in()
    assert (await phone.post(link, {"new": "eleven copper umbrellas", "csrf_token": waiting})).status_code == 303


@pytest.mark.parametrize("path", [END, "/logout-all", "/logout"])
async def test_stale_button_says_so_and_leads_back_to_its_page(path: str, ada: Browser, phone: Browser, stores: Stores):
    await ada.get(LIST)
    response = await ada.post(path, {"csrf_token": "old"}, referer=f"{ORIGIN}{LIST}")
    assert response.status_code == 403
    assert is_page(response)
    assert LIST in [tag.get("href") for tag in tags(response.text, "a") if "button" in tag.get("class", "")]
    assert len(stores.sessions()) == 2


async def test_json_needs_no_token(ada: Browser, phone: Browser, stores: Stores):
    assert (await ada.json("POST", END)).json() == {"ended": 1}


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "",
    ],
)
async def test_json_in_a_body_that_other_sites_can_send_is_not_taken_for_json(
    kind: str, ada: Browser, phone: Browser, stores: Stores
):
    headers = {"Content-Type": kind} if kind else {}
    response = await ada.client.post(END, content=b'{"a": "="}', headers=headers)
    assert response.status_code in {400, 403, 415}
    assert len(stores.sessions()) == 2


async def test_token_in_the_address_does_not_count(ada: Browser, phone: Browser, stores: Stores):
    await ada.get(LIST)
    response = await ada.client.post(f"{END}?csrf_token={ada.token}", data={"a": "b"})
    assert response.status_code == 403
    assert len(stores.sessions()) == 2


async def test_program_that_sends_nothing_is_told_to_send_json(ada: Browser):
    """What a request accepts proves nothing: any site may have a browser say that it accepts JSON."""
    response = await ada.client.post("/settings/email/cancel", headers={"Accept": "application/json"})
    assert is_problem(response, 403)
    assert "application/json" in response.json()["detail"]
    assert "signed in or out" not in response.text
