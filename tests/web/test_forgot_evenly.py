"""Asking for a link to a new password: nothing tells whether somebody has an account, or has asked before."""

import asyncio
import re
from pathlib import Path
from time import monotonic

import httpx
import pytest
from mailed_links import resets_owed
from pages import FACES, Browser, Face, Site, new_email
from statements import statements
from stores import Stores

from webapp.accounts.new_passwords import PasswordService
from webapp.errors import StoreUnavailable

PATH = "/forgot"
pytestmark = pytest.mark.usefixtures("nobody_does_what_is_owed")

each_face = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Have mail sent, into files."""
    return {**environ, "MAIL_URL": f"file://{tmp_path / 'mail'}"}


def without_what_differs(response: httpx.Response, email: str) -> str:
    """Return what an answer says, but for the token of its forms and the address that was typed."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", response.text).replace(email, "WHO")


@each_face
@pytest.mark.usefixtures("at_once")
async def test_fifty_requests_for_each_get_one_answer_and_one_entry(
    face: Face, ada: Browser, site: Site, sqlite_url: str
):
    strangers = [site.browser(f"203.0.113.{number}") for number in range(5)]
    unknown = new_email()
    for stranger in strangers:
        await stranger.get(PATH)
    said = set()
    for _ in range(10):
        for email in (ada.email, unknown):
            answers = await asyncio.gather(*(each.send(face, PATH, {"email": email}) for each in strangers))
            said |= {(answer.status_code, without_what_differs(answer, email)) for answer in answers}
            headers = {frozenset(set(answer.headers) - {"content-length", "set-cookie"}) for answer in answers}
            assert len(headers) == 1
    assert len(said) == 1
    assert resets_owed(sqlite_url) == {ada.email: 1, unknown: 1}


@pytest.mark.usefixtures("at_once", "nobody_does_what_is_owed")
async def test_work_is_the_same_for_an_email_that_somebody_has(ada: Browser, browser: Browser, stores: Stores):
    await browser.get(PATH)
    # The first call of a script brings it along.
    await browser.post(PATH, {"email": new_email()})
    work = []
    for email in (ada.email, new_email(), ada.email):
        async with statements() as sql:
            with stores.watched() as redis:
                await browser.post(PATH, {"email": email})
        work.append((sql, redis))
    known, unknown, asked_before = work
    assert known == unknown
    assert [statement.split(" (")[0] for statement in known[0]] == ["INSERT INTO outbox"]
    assert known[1]
    # Too early for another: nothing is written, for whomever it is.
    assert asked_before == ([], known[1])


@pytest.mark.parametrize("kind", ["known", "unknown", "asked before", "failing"])
async def test_no_answer_comes_sooner_than_another(
    kind: str, ada: Browser, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    await browser.get(PATH)
    email = new_email() if kind == "unknown" else ada.email
    if kind == "asked before":
        await browser.post(PATH, {"email": email})
    if kind == "failing":
        monkeypatch.setattr(PasswordService, "request_reset", _fail)
    began = monotonic()
    response = await browser.post(PATH, {"email": email})
    assert monotonic() - began >= 0.4
    assert response.status_code == (503 if kind == "failing" else 200)


async def _fail(*_: object, **__: object) -> None:
    raise StoreUnavailable("SQL")
