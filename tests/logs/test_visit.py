"""A whole visit, with all that may go wrong in one; and not one secret of it is in the log."""

import re
import secrets
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

import httpx
import pytest
from log_lines import Log, captured
from pages import FACES, PASSWORD, Browser, Site, session_ids
from quart import Quart, request
from serving import serving
from stores import Stores

from webapp.accounts.passwords import PasswordHasher
from webapp.web.bodies import read_fields
from webapp.web.context import services
from webapp.web.guards import public
from webapp.web.identity import viewer

LIST = "/settings/sessions"
WRONG = "nine yellow umbrellas"
ASKED = {"time", "level", "logger", "message", "request_id", "address", "method", "path"}


@public
async def tell_everything() -> str:
    """Fail as badly as a bug can: with all that came, and with what stands in the stores."""
    account = (await viewer().resume()).account  # type: ignore[union-attr]  # Only Ada comes here.
    stored = await services().accounts.find(account.id)
    fields = await read_fields()
    # By name, and as values that nothing but the request itself knows for secrets.
    came = (
        dict(fields),
        " ".join(fields.values()),
        await request.get_data(),
        list(request.headers),
        request.cookies,
        request.url,
    )
    raise RuntimeError(f"{came} {viewer().auth_id} {account} {stored}")


def prepare(app: Quart) -> None:
    app.add_url_rule("/bug", view_func=tell_everything, methods=["POST"])


@pytest.fixture
async def site(environ: dict[str, str], cheap_hasher: Callable[[], PasswordHasher]) -> AsyncIterator[Site]:
    """Serve the site with a handler that fails."""
    async with serving(environ, cheap_hasher(), prepare) as site:
        yield site


class Secrets:
    """All that a browser and the site have told each other in confidence."""

    def __init__(self, browser: Browser) -> None:
        self.known = {PASSWORD, WRONG, browser.email, browser.email.partition("@")[0]}
        self._browser = browser
        browser.client.event_hooks["response"].append(self._look)

    async def _look(self, _: httpx.Response) -> None:
        self.known.add(self._browser.token)
        self.known.update(cookie.value for cookie in self._browser.client.cookies.jar if cookie.value)

    def in_the_stores(self, stores: Stores) -> None:
        """Add what is kept of them."""
        self.known.update(stores.secret_hashes())
        self.known.update(str(value) for row in stores.accounts() for value in row if "$argon2" in str(value))

    def told_by(self, log: Log) -> list[str]:
        """Return those that stand in the log, or a part of them that is as good."""
        parts = {part for known in self.known for part in re.split(r"[.$]", known) if len(part) > 25}
        return [told for told in self.known | parts if told and told in log.text]


@pytest.mark.parametrize("production", [True, False])
async def test_no_secret_of_a_visit_is_in_the_log(site: Site, stores: Stores, *, production: bool) -> None:
    ada = site.browser()
    known = Secrets(ada)
    with captured(production=production) as log:
        await visit(ada)
        known.in_the_stores(stores)
        await misfortunes(ada, stores)
        await leave(ada)
    assert len(known.known) > 10
    assert len(log.lines) > 20
    assert known.told_by(log) == []


async def test_every_line_of_a_visit_is_json_and_says_whose_it_is(site: Site, stores: Stores) -> None:
    ada = site.browser()
    with captured() as log:
        await visit(ada)
        await misfortunes(ada, stores)
        await leave(ada)
    (row,) = stores.accounts()
    for entry in log.entries:
        # What is done when nobody waits for it is of no request.
        if entry["logger"].startswith(("webapp.outbox", "webapp.watch")):
            continue
        assert entry.keys() >= ASKED, entry
        assert entry["address"] == "192.0.2.1"
    ends = [entry for entry in log.entries if "status" in entry]
    assert all(entry["milliseconds"] > 0 for entry in ends)
    assert {entry["status"] for entry in ends} >= {200, 303, 401, 403, 404, 422, 500, 503}
    members = [entry for entry in ends if entry["path"] in {"/dashboard", LIST, "/logout"} and entry["status"] < 400]
    assert {entry["account"] for entry in members} == {row[0]}
    assert not [entry for entry in ends if entry["status"] == HTTPStatus.UNAUTHORIZED and "account" in entry]


async def visit(ada: Browser) -> None:
    """Register, sign out, come back with a wrong and then the right password, look around and name the device."""
    await ada.register()
    await ada.get("/dashboard")
    await ada.post("/logout")
    assert (await ada.log_in(password=WRONG)).status_code == 401
    assert (await ada.log_in(remember="y")).status_code == 303
    (here,) = session_ids((await ada.get(LIST)).text)
    assert (await ada.post(f"{LIST}/{here}/name", {"name": "Ada's own"})).status_code == 303
    await ada.get(f"/dashboard?email={ada.email}&password={PASSWORD}")


async def misfortunes(ada: Browser, stores: Stores) -> None:
    """Send what cannot be accepted, meet a bug, and come while Redis is away."""
    fields = {"email": ada.email, "password": PASSWORD}
    for face in FACES:
        assert (await ada.send(face, f"{LIST}/{'A' * 22}/name", {"name": "x" * 500})).status_code in {404, 422}
        assert (await ada.send(face, "/bug", {**fields, "password": f"'{PASSWORD}\""})).status_code == 500
        with stores.away():
            assert (await ada.look(face, LIST)).status_code == 503
    assert (await ada.post("/confirm", {**fields, "csrf_token": secrets.token_urlsafe(32)})).status_code == 422
    assert (await ada.post("/logout", origin="https://evil.test")).status_code == 403
    assert (await ada.post(f"/{ada.email}", fields)).status_code == 404
    assert (await ada.json("POST", "/register", {**fields, "email": "no@" + ada.email})).status_code in {400, 422}


async def leave(ada: Browser) -> None:
    """Sign out and try the cookie once more; then register with what cannot be accepted."""
    kept = ada.session_cookie
    assert (await ada.post("/logout")).status_code == 303
    ada.carry(kept)
    assert (await ada.json("GET", "/dashboard")).status_code == 401
    assert (await ada.register(password="short")).status_code == 422
