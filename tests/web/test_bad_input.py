"""Whatever is sent gets an answer of ours below 500, and nothing is written."""

import json
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest
from asgi_calls import HOST, http_scope
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pages import PASSWORD, SESSION_COOKIE, Browser, Site, stays_here, tags
from quart_auth import QuartAuth
from serving import ask
from stores import Stores

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LIST = "/settings/sessions"
POSTS = ["/register", "/register/strength", "/login", "/logout", "/logout-all", "/confirm", f"{LIST}/end-others"]
POSTS += [f"{LIST}/{'A' * 22}/end", f"{LIST}/{'A' * 22}/name"]
GETS = ["/", "/register", "/login", "/dashboard", LIST, "/confirm", "/no-such-page", "/static/none.css"]
FIELDS = ["email", "name", "password", "remember", "next", "csrf_token", ""]

# Any bytes, and texts of the kind that parsers stumble over.
wild_text = st.text(max_size=400) | st.sampled_from(
    ["\0", "\u202e", "🦊" * 90, "<script>", "a@b.c", "%s%n", "../..", "1e999"]
)
wild_bytes = st.binary(max_size=400)
bodies = wild_bytes | st.lists(st.tuples(st.sampled_from(FIELDS).map(str.encode) | wild_bytes, wild_bytes)).map(
    urlencode
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | wild_text
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(wild_text, inner), max_leaves=8)
objects = st.dictionaries(st.sampled_from(FIELDS) | wild_text, values).map(json.dumps)
# What a server lets through in a header: no line breaks and no NUL.
header_values = st.binary(max_size=300).map(lambda value: bytes(byte for byte in value if byte >= 32 or byte == 9))
header_names = st.sampled_from(
    [
        "accept",
        "content-type",
        "referer",
        "origin",
        "user-agent",
        "hx-request",
        "hx-current-url",
        "cookie",
        "sec-fetch-site",
        "range",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "cf-connecting-ip",
        "forwarded",
        "x-real-ip",
    ]
)

# The fixtures are one site for all examples; each example leaves it as it was, which is what is tested.
bounded = settings(
    max_examples=60,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def both(ada: Browser, browser: Browser) -> tuple[Browser, Browser]:
    """Return somebody who is signed in and somebody who is not."""
    return ada, browser


@bounded
@given(path=st.sampled_from(POSTS), kind=st.sampled_from([FORM, "text/plain", "multipart/form-data"]), body=bodies)
async def test_any_body_without_a_token_writes_nothing(
    path: str, kind: str, body: bytes | str, both: tuple[Browser, Browser], stores: Stores
):
    before = stores.contents()
    for who in both:
        response = await who.client.post(path, content=body, headers={"Content-Type": kind})
        assert 200 <= response.status_code < 500
    assert stores.contents() == before


@bounded
@given(path=st.sampled_from(["/register", "/login"]), fields=st.dictionaries(st.sampled_from(FIELDS[:5]), wild_text))
@example(path="/register", fields={"email": "a@b.c", "name": "\u200b", "password": PASSWORD})
@example(path="/register", fields={"email": "İ@example.test", "name": "ﷺ", "password": "\u0344" * 300})
async def test_any_text_in_the_fields_of_a_form_is_answered(
    path: str, fields: dict[str, str], browser: Browser, stores: Stores
):
    before = stores.contents()
    await browser.get(path)
    body = urlencode({**fields, "csrf_token": browser.token}, errors="surrogatepass")
    response = await browser.client.post(path, content=body, headers={"Content-Type": FORM})
    assert response.status_code < 500
    if response.status_code == 303:
        await browser.get("/dashboard")
        await browser.post("/logout")
    else:
        assert stores.contents() == before


@bounded
@given(body=objects)
async def test_any_json_is_answered(body: str, browser: Browser, ada: Browser, stores: Stores):
    before = stores.contents()
    for who, path in ((browser, "/login"), (ada, "/confirm"), (ada, f"{LIST}/{'A' * 22}/name")):
        response = await who.client.post(path, content=body, headers={"Content-Type": JSON})
        assert 400 <= response.status_code < 500
        assert response.headers["Content-Type"] == "application/problem+json"
    assert stores.contents() == before


@bounded
@given(token=wild_text | wild_bytes)
async def test_any_form_token_is_stale(token: str | bytes, ada: Browser, stores: Stores):
    before = stores.contents()
    body = urlencode({"csrf_token": token}, errors="surrogatepass")
    response = await ada.client.post("/logout-all", content=body, headers={"Content-Type": FORM})
    assert response.status_code in {400, 403}
    assert stores.contents() == before


@bounded
@given(following=st.text("/\\.:@?#%[] \t\r\nevil-2f5c", max_size=30) | wild_text)
async def test_any_next_stays_here(following: str, browser: Browser, ada: Browser):
    query = quote(following, safe="", errors="surrogatepass")
    page = await browser.get(f"/login?next={query}")
    assert page.status_code == 200
    held = next(tag["value"] for tag in tags(page.text, "input") if tag["name"] == "next")
    assert held == "" or stays_here(held)
    await ada.get("/confirm")
    response = await ada.post("/confirm", {"password": PASSWORD, "next": following})
    assert response.status_code == 303
    assert stays_here(response.headers["Location"])


@bounded
@given(value=header_values)
async def test_any_cookie_is_nobody(value: bytes, site: Site, stores: Stores):
    header = f"{SESSION_COOKIE}=".encode() + value
    for cookie in (header, value, b'%s="%s' % (SESSION_COOKIE.encode(), value)):
        scope = http_scope(b"/dashboard", [(b"host", HOST), (b"cookie", cookie)])
        assert (await ask(site, scope)).status == 303
    assert stores.every_key() == set()


@bounded
@given(auth_id=st.text(st.characters(codec="utf-8"), max_size=200) | st.none())
async def test_any_text_that_we_signed_and_that_is_no_token_is_nobody(auth_id: str | None, site: Site, stores: Stores):
    identity: QuartAuth = site.app.extensions["QUART_AUTH"][0]
    thief = site.browser()
    # quart-auth itself signs a None, though its types deny it.
    thief.carry(identity.dump_token(auth_id, app=site.app))  # type: ignore[arg-type]  # Bent on purpose.
    for path, status in (("/dashboard", 303), ("/login", 200), ("/no-such-page", 404)):
        assert (await thief.get(path)).status_code == status
    assert stores.every_key() == set()


@bounded
@given(
    path=st.sampled_from(GETS),
    method=st.sampled_from(["GET", "GET", "HEAD", "POST", "OPTIONS", "DELETE"]),
    headers=st.lists(st.tuples(header_names, header_values), max_size=6),
)
async def test_any_header_is_answered(
    path: str, method: str, headers: list[tuple[str, bytes]], site: Site, stores: Stores
):
    lines = [(b"host", HOST), *((name.encode(), value) for name, value in headers)]
    answer = await ask(site, http_scope(path.encode(), lines, method=method))
    assert 200 <= answer.status < 500
    for name in ("location", "hx-redirect"):
        assert stays_here(answer.headers.get(name, "/"))
        assert stays_here(parse_qs(urlsplit(answer.headers.get(name, "/")).query).get("next", ["/"])[0])
    assert stores.every_key() == set()


@bounded
@given(
    raw=wild_bytes.map(lambda raw: b"/" + raw)
    | st.text("/.\\%2f5c?#;", max_size=20).map(lambda text: f"/{text}".encode())
)
async def test_any_path_is_answered(raw: bytes, site: Site):
    decoded = raw.decode("utf-8", "replace")
    for scope in (http_scope(path=b"/") | {"path": decoded, "raw_path": raw}, http_scope() | {"query_string": raw}):
        answer = await ask(site, scope)
        assert 200 <= answer.status < 500
        assert stays_here(answer.headers.get("location", "/"))


@bounded
@given(session_id=wild_text, act=st.sampled_from(["end", "name"]))
async def test_any_session_id_is_unknown(session_id: str, act: str, ada: Browser, stores: Stores):
    before = stores.contents()
    await ada.get(LIST)
    segment = quote(session_id, safe="", errors="surrogatepass").replace(".", "%2E")
    response = await ada.post(f"{LIST}/{segment}/{act}", {"name": "Mine"})
    assert response.status_code in {308, 404, 405}
    assert stays_here(response.headers.get("Location", "/"))
    assert stores.contents() == before


# Each example signs in.
@pytest.mark.timeout(180)
@bounded
@given(user_agent=header_values)
async def test_any_user_agent_can_be_shown(user_agent: bytes, ada: Browser, site: Site):
    browser = site.browser()
    browser.client.headers = httpx.Headers([(b"User-Agent", user_agent)])
    await browser.log_in(ada.email)
    assert (await browser.get(LIST)).status_code == 200
    assert len((await browser.json("GET", "/dashboard")).json()["session"]["device"].encode()) <= 50
