"""Whatever goes wrong has an answer of ours, for each kind of caller."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import pytest
from argon2.profiles import CHEAPEST
from gate import Gate
from log_lines import captured
from pages import FACES, PASSWORD, Browser, Face, Site, is_fragment, is_page, is_problem, tags
from quart import Quart, abort
from serving import serving

from webapp.accounts.passwords import PasswordHasher
from webapp.errors import TooManyTries
from webapp.web.guards import public

SECRET_DETAIL = "the password of the database is hunter2"


class GatedHasher(PasswordHasher):
    """Looks at one password at a time, when the gate is open and not before."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(CHEAPEST, threads=1)
        self._gate = gate

    def _verify(self, secret: bytes, password_hash: str | None) -> bool:
        self._gate.work()
        return super()._verify(secret, password_hash)


@public
async def break_down() -> str:
    raise RuntimeError(SECRET_DETAIL)


@public
async def have_to_wait() -> str:
    raise TooManyTries(100)


@public
async def be_a_teapot() -> str:
    abort(418)


def prepare(app: Quart) -> None:
    for handler in (break_down, have_to_wait, be_a_teapot):
        app.add_url_rule(f"/{handler.__name__}", view_func=handler, methods=["GET", "POST"])


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site, and some handlers of which every one fails in its own way."""
    async with serving(environ, cheap_hasher(), prepare) as site:
        yield site


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/no-such-page", 404),
        ("/settings/sessions/", 404),
        ("/break_down", 500),
        ("/have_to_wait", 429),
        ("/be_a_teapot", 418),
    ],
)
@pytest.mark.parametrize("face", FACES)
async def test_error_has_the_face_that_its_caller_understands(face: Face, path: str, status: int, browser: Browser):
    response = await browser.look(face, path)
    assert response.status_code == status
    if face == "json":
        assert is_problem(response, status)
        assert set(response.json()) >= {"type", "title", "status", "detail"}
    elif face == "htmx":
        assert is_fragment(response, "problem")
        assert response.headers["HX-Retarget"] == "#notices"
        # The live region itself has to stay, or nobody hears the next message.
        assert response.headers["HX-Reswap"] == "innerHTML"
    else:
        assert is_page(response)
        assert [tag["href"] for tag in tags(response.text, "a") if "button" in tag.get("class", "")] == ["/"]
    assert response.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in response.headers


async def test_error_page_keeps_the_header_of_somebody_signed_in(ada: Browser):
    page = await ada.get("/no-such-page")
    assert page.status_code == 404
    assert "Ada Lovelace" in page.text
    assert "/dashboard" in [tag["href"] for tag in tags(page.text, "a") if "button" in tag.get("class", "")]


@pytest.mark.usefixtures("nobody_does_what_is_owed")
@pytest.mark.parametrize("face", FACES)
async def test_bug_of_ours_is_told_by_a_number_that_is_in_the_log_and_nothing_else(face: Face, ada: Browser):
    with captured() as log:
        response = await ada.look(face, "/break_down")
    assert response.status_code == 500
    number = response.json()["request_id"] if face == "json" else re.search(r"<code>(\w+)</code>", response.text)[1]  # type: ignore[index]
    assert re.fullmatch(r"[0-9a-f]{16}", number)
    assert response.headers["X-Request-Id"] == number
    told, ended = log.entries
    assert told["request_id"] == ended["request_id"] == number
    assert told["exception"] == "RuntimeError"
    assert "break_down" in told["traceback"]
    assert (ended["status"], ended["level"]) == (500, "error")
    for detail in (SECRET_DETAIL, "RuntimeError", "Traceback", "hunter2"):
        assert detail not in response.text
    assert (await ada.get("/dashboard")).status_code == 200


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"])
async def test_other_method_is_405_with_those_that_are_allowed(method: str, face: Face, ada: Browser):
    headers = {"htmx": {"HX-Request": "true"}, "json": {"Accept": "application/json"}, "page": {}}[face]
    response = await ada.client.request(method, "/login", headers=headers)
    if method == "get":
        # httpx spells methods in capitals.
        assert response.status_code in {303, 200, 400}
        return
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    if face == "json":
        assert is_problem(response, 405)
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "problem")


@pytest.mark.parametrize("path", ["/dashboard", "/", "/healthz", "/static/x.css", "/.well-known/change-password"])
async def test_page_that_only_shows_takes_no_post(path: str, ada: Browser):
    response = await ada.client.post(path, data={"a": "b"})
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("face", FACES)
async def test_body_that_is_too_large_is_413(face: Face, browser: Browser):
    await browser.get("/login")
    response = await browser.send(face, "/login", {"email": "a@example.test", "password": "q" * 70_000})
    assert response.status_code == 413
    if face == "json":
        assert is_problem(response, 413)
    else:
        assert is_page(response) if face == "page" else is_fragment(response, "problem")


@pytest.mark.parametrize("face", FACES)
async def test_wrong_host_is_400(face: Face, site: Site):
    browser = site.browser()
    browser.client.headers["Host"] = "evil.test"
    response = await browser.look(face, "/login")
    assert response.status_code == 400
    assert "evil.test" not in response.text
    assert face != "json" or is_problem(response, 400)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("face", FACES)
async def test_too_many_people_at_once_are_asked_to_come_back(face: Face, environ: dict[str, str]):
    gate = Gate()
    async with serving(environ, GatedHasher(gate)) as site:
        browsers = [site.browser(f"198.51.100.{number}") for number in range(30)]
        for browser in browsers:
            await browser.get("/login")
        sent = {"email": "nobody@example.test", "password": PASSWORD}
        asked = [asyncio.ensure_future(browser.send(face, "/login", sent)) for browser in browsers]
        # While nobody's password is looked at, only those are answered who find the queue full.
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        gate.open()
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {401, 503}
        for answer in answers:
            if answer.status_code == 503:
                assert 0 < int(answer.headers["Retry-After"]) < 60
                assert PASSWORD not in answer.text
        assert (await browsers[0].send(face, "/login", sent)).status_code == 401


@pytest.mark.parametrize(
    "accept", ["text/html, application/json", "*/*", "", "image/png", "nonsense;;q=x", "text/*", "a" * 5000]
)
async def test_caller_who_also_takes_pages_gets_a_page(accept: str, browser: Browser):
    assert is_page(await browser.get("/no-such-page", accept=accept))


@pytest.mark.parametrize(
    "accept",
    ["application/json", "application/problem+json", "application/json, */*", "APPLICATION/JSON; charset=utf-8"],
)
async def test_caller_who_takes_only_json_gets_json(accept: str, browser: Browser):
    assert is_problem(await browser.get("/no-such-page", accept=accept), 404)


async def test_htmx_that_restores_its_history_gets_the_whole_page(ada: Browser):
    for path, status in (("/no-such-page", 404), ("/settings/sessions", 200)):
        response = await ada.get(path, hx_request="true", hx_history_restore_request="true")
        assert response.status_code == status
        assert is_page(response)


async def test_head_answers_as_get_without_a_body(ada: Browser):
    for path in ("/dashboard", "/no-such-page", "/healthz"):
        got, headed = await ada.get(path), await ada.client.head(path)
        assert headed.status_code == got.status_code
        assert headed.content == b""


@pytest.mark.parametrize("path", ["/login", "/register", "/confirm"])
async def test_form_as_json_is_no_problem_document_with_status_200(path: str, ada: Browser, browser: Browser):
    response = await (ada if path == "/confirm" else browser).json("GET", path)
    assert response.status_code != 200 or response.headers["Content-Type"] == "application/json"


async def test_address_with_more_slashes_is_another_address(ada: Browser):
    assert (await ada.get("/settings//sessions")).status_code == 404
