"""Nobody finds out by the thousand which emails have an account."""

import asyncio

import pytest
from pages import FACES, PASSWORD, Browser, Face, Site, is_problem, new_email

from webapp.setting_values import Rate
from webapp.throttle.limits import LIMITS
from webapp.web.pages.registration import TAKEN

HARVESTER, OTHERS = "203.0.113.66", "198.51.100.7"


# A count that comes late keeps nobody out.
pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.fixture(autouse=True)
def two_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each network be told of two emails."""
    monkeypatch.setitem(LIMITS, "taken", Rate(2, 600))


async def ask(site: Site, email: str, face: Face = "page", network: str = HARVESTER, password: str = PASSWORD) -> int:
    browser = site.browser(network)
    await browser.get("/register")
    fields = {"email": email, "name": "Eve", "password": password}
    response = await browser.send(face, "/register", fields)
    assert (TAKEN.split(".")[0] in response.text) == (response.status_code == 422 and password == PASSWORD)
    assert response.status_code != 429 or 590 < int(response.headers["Retry-After"]) <= 600
    assert face != "json" or response.status_code < 400 or is_problem(response, response.status_code)
    return response.status_code


@pytest.mark.parametrize("face", FACES)
async def test_network_that_was_told_of_many_emails_learns_no_more(face: Face, ada: Browser, site: Site) -> None:
    assert [await ask(site, ada.email, face) for _ in range(3)] == [422, 422, 429]
    # A free one would tell by its answer that the others are taken.
    assert await ask(site, new_email(), face) == 429
    assert await ask(site, ada.email, face, OTHERS) == 422


async def test_school_whose_pupils_all_register_is_not_counted(site: Site) -> None:
    assert [await ask(site, new_email()) for _ in range(4)] == [303] * 4


async def test_weak_password_tells_nothing_and_is_not_counted(ada: Browser, site: Site) -> None:
    assert [await ask(site, ada.email, password="password") for _ in range(3)] == [422] * 3
    assert [await ask(site, ada.email) for _ in range(3)] == [422, 422, 429]


async def test_many_at_once_are_told_no_more(ada: Browser, site: Site) -> None:
    answers = await asyncio.gather(*(ask(site, ada.email) for _ in range(6)))
    assert sorted(answers) == [422, 422, 429, 429, 429, 429]
