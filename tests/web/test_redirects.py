"""Redirects stay on this site (promise 17)."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from pages import FACES, ORIGIN, PASSWORD, Browser, Face, Site, stays_here, tags

AWAY = [
    "https://evil.test",
    "http:evil.test",
    "HTTPS://EVIL.TEST/",
    "https:/evil.test",
    "https:///evil.test",
    "https://gatehouse.test/dashboard",
    "https://gatehouse.test@evil.test/",
    "https://gatehouse.test.evil.test/",
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "//evil.test/settings/sessions",
    "//gatehouse.test@evil.test",
    "//evil.test:443",
    "//[::1]",
    "//0x7f000001",
    "//evil%E3%80%82test",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "/a\\..\\..\\\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r/evil.test",
    "/\r\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test",
    "\x00//evil.test",
    "/\x00/evil.test",
    "/\x0b/evil.test",
    "/\x0c/evil.test",
    "/\x1f/evil.test",
    "/\x7f/evil.test",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:a",
    "mailto:a@evil.test",
    "evil.test",
    "evil.test/dashboard",
    "@evil.test",
    ":443/evil",
    "?next=//evil.test",
    "#//evil.test",
    "dashboard",
    "../dashboard",
    "",
    " ",
    "/" + "a" * 3000,
    "/dashboard\r\nSet-Cookie: a=b",
    "/dashboard\nLocation: https://evil.test",
    "/dashboard\x85Set-Cookie: a=b\x00",
]
# They look wild and lead nowhere else.
ODD = [
    "/.//evil.test",
    "/..//evil.test",
    "/./..//evil.test",
    "/%2f%2fevil.test",
    "/%5cevil.test",
    "/%09/evil.test",
    "/%0d%0aSet-Cookie:a=b",
    "/\uff0fevil.test",
    "/\u2044evil.test",
    "/\u3002evil.test",
    "/\u2028/evil.test",
    "/\u00a0/evil.test",
    "/;//evil.test",
    "/@evil.test",
    "/:80",
    "/a:b@c",
    "/?//evil.test",
    "/#//evil.test",
    "/?next=https://evil.test",
    "/[::1]",
    "/%",
    "/%zz",
    "/<script>alert(1)</script>",
    "/\"onmouseover=alert(1)'",
    "/" + "%2e%2e/" * 50,
    "/" + "é" * 900,
]
LOCAL = {
    "/settings/sessions": "/settings/sessions",
    "/settings/sessions?page=2&x=a%20b": "/settings/sessions?page=2&x=a%20b",
    "/dashboard#session": "/dashboard#session",
    "/": "/",
    "/größe?q=ü": "/gr%C3%B6%C3%9Fe?q=%C3%BC",
    "/a+b?c=d+e": "/a+b?c=d+e",
}
LOOPS = ["/login", "/login?next=/login", "/logout", "/register", "/confirm", "/confirm?next=/dashboard"]


async def landing(browser: Browser, face: Face, following: str) -> str:
    """Sign in with this ``next`` and return where that leads."""
    await browser.get("/login")
    response = await browser.send(face, "/login", {"email": browser.email, "password": PASSWORD, "next": following})
    landing: str = response.headers["Location" if face == "page" else "HX-Redirect"]
    await browser.get("/dashboard")
    await browser.post("/logout")
    return landing


@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_next_that_leads_away_leads_to_the_dashboard(face: Face, ada: Browser):
    await ada.get("/dashboard")
    await ada.post("/logout")
    for following in AWAY:
        assert await landing(ada, face, following) == "/dashboard", following


@pytest.mark.parametrize("face", ["page", "htmx"])
async def test_next_that_looks_odd_stays_here(face: Face, ada: Browser):
    await ada.get("/dashboard")
    await ada.post("/logout")
    for following in ODD:
        assert stays_here(await landing(ada, face, following)), following


async def test_next_that_is_local_is_honoured_and_one_that_loops_is_not(ada: Browser):
    await ada.get("/dashboard")
    await ada.post("/logout")
    for following, expected in LOCAL.items():
        assert await landing(ada, "page", following) == expected
    for following in LOOPS:
        assert await landing(ada, "page", following) == "/dashboard"


@pytest.mark.parametrize("path", ["/login", "/confirm"])
async def test_page_never_holds_a_next_that_leads_away(path: str, ada: Browser, browser: Browser):
    who = browser if path == "/login" else ada
    for following in AWAY:
        page = await who.get(f"{path}?next={quote(following)}")
        held = next(tag["value"] for tag in tags(page.text, "input") if tag.get("name") == "next")
        assert held in {"", "/dashboard"}, following
    for following in ODD:
        page = await who.get(f"{path}?next={quote(following)}")
        held = next(tag["value"] for tag in tags(page.text, "input") if tag.get("name") == "next")
        assert stays_here(held), following


async def test_next_that_is_no_text_is_left_alone(browser: Browser):
    for query in ("next=%ff%fe", "next", "next=&next=//evil.test", "next=/%ed%a0%80", "=", "&&&", "next[]=/a", "%00"):
        assert (await browser.get(f"/login?{query}")).status_code == 200


async def test_confirmation_leads_only_to_paths_of_this_site(ada: Browser):
    await ada.get("/confirm")
    for following in AWAY:
        response = await ada.post("/confirm", {"password": PASSWORD, "next": following})
        assert response.headers["Location"] == "/dashboard", following


async def test_confirmation_leads_nowhere_by_odd_paths(ada: Browser):
    await ada.get("/confirm")
    for following in ODD:
        response = await ada.post("/confirm", {"password": PASSWORD, "next": following})
        assert stays_here(response.headers["Location"]), following


@pytest.mark.parametrize("path", ["/dashboard", "/settings/sessions?a=b&c=%20d", "/settings/sessions?x=//evil.test"])
async def test_login_page_is_told_where_the_person_wanted_to_go(path: str, browser: Browser):
    location = (await browser.get(path)).headers["Location"]
    assert urlsplit(location).path == "/login"
    assert parse_qs(urlsplit(location).query)["next"] == [path]


async def test_page_that_htmx_claims_to_stand_on_is_believed_only_here(browser: Browser):
    for claimed in (
        *AWAY,
        f"{ORIGIN}.evil.test/a",
        f"{ORIGIN}@evil.test/a",
        f"{ORIGIN}//evil.test",
        f"{ORIGIN}/\\evil.test",
    ):
        headers = {"HX-Request": "true", "HX-Current-URL": quote(claimed, safe="/:@\\?#[]%")}
        response = await browser.client.get("/dashboard", headers=headers)
        location = response.headers["HX-Redirect"]
        assert stays_here(location)
        assert parse_qs(urlsplit(location).query)["next"] == ["/dashboard"], claimed
    claimed = f"{ORIGIN}/settings/sessions?a=b"
    response = await browser.get("/dashboard", hx_request="true", hx_current_url=claimed)
    assert parse_qs(urlsplit(response.headers["HX-Redirect"]).query)["next"] == ["/settings/sessions?a=b"]


async def test_page_that_a_form_stood_on_is_believed_only_here(browser: Browser):
    for claimed, expected in (
        (f"{ORIGIN}/settings/sessions", "/settings/sessions"),
        ("https://evil.test/settings/sessions", "/dashboard"),
        (f"{ORIGIN}.evil.test/settings/sessions", "/dashboard"),
        (f"{ORIGIN}//evil.test/", "/dashboard"),
        ("", "/dashboard"),
    ):
        response = await browser.post("/settings/sessions/end-others", referer=claimed)
        assert parse_qs(urlsplit(response.headers["Location"]).query)["next"] == [expected]


@pytest.mark.parametrize(
    "path", ["//evil.test", "//evil.test/..", "///evil.test/login", "//login", "/\\evil.test", "/%2f/evil.test"]
)
async def test_path_that_looks_like_a_host_leads_nowhere_else(path: str, site: Site):
    for face in FACES:
        response = await site.browser().look(face, f"{ORIGIN}{path}")
        assert response.status_code < 500
        assert stays_here(response.headers.get("Location", "/"))


async def test_known_address_for_changing_passwords_leads_there(browser: Browser):
    response = await browser.get("/.well-known/change-password")
    assert (response.status_code, response.headers["Location"]) == (303, "/settings/password")
