"""Signing in on a computer that others use too, and at the most sessions that an account may have."""

import pytest
from pages import (
    BROWSER_COOKIE,
    FACES,
    IPHONE,
    PASSWORD,
    SESSION_COOKIE,
    Browser,
    Face,
    Site,
    cookies_set,
    tags,
)
from stores import Stores

LIST = "/settings/sessions"
HOUR = 3600


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """Let sessions live for longer than on a shared computer, and accounts have few of them."""
    return {**environ, "SESSION_IDLE": "3h", "SESSION_LIMIT": "2"}


def field(text: str, name: str) -> dict[str, str]:
    return next(tag for tag in tags(text, "input") if tag.get("name") == name)


async def test_form_asks_whether_the_computer_is_shared_and_says_what_follows(browser: Browser):
    page = (await browser.get("/login")).text
    box = field(page, "shared")
    assert box["type"] == "checkbox"
    assert "checked" not in box
    assert "1 hour at the latest" in page
    assert any(tag.get("id") == box["aria-describedby"] for tag in tags(page, "p"))


async def test_form_that_comes_back_is_still_ticked(browser: Browser):
    page = (await browser.log_in("nobody@example.test", "wrong", shared="y")).text
    assert "checked" in field(page, "shared")
    assert "checked" not in field(page, "remember")


async def test_shared_computer_is_not_remembered_even_if_that_was_asked_for_too(ada: Browser, site: Site):
    lobby = site.browser("198.51.100.9")
    response = await lobby.log_in(ada.email, shared="y", remember="y")
    cookies = cookies_set(response)
    assert not cookies[SESSION_COOKIE]["max-age"]
    assert BROWSER_COOKIE not in cookies
    (row,) = (each for each in (await lobby.json("GET", LIST)).json()["sessions"] if each["current"])
    assert (row["shared"], row["remembered"]) == (True, False)
    assert "Shared computer" in (await ada.get(LIST)).text


async def test_session_on_a_shared_computer_is_over_after_an_hour_even_if_it_is_used(
    ada: Browser, site: Site, stores: Stores
):
    lobby = site.browser("198.51.100.9")
    await lobby.log_in(ada.email, shared="y")
    for _ in range(2):
        stores.age(HOUR // 2 - 5)
        assert (await lobby.get("/dashboard")).status_code == 200
    stores.age(15)
    assert (await lobby.get("/dashboard")).status_code == 303
    assert (await ada.get("/dashboard")).status_code == 200


async def test_sign_in_at_the_limit_names_the_session_that_had_to_go_with_the_list_to_tidy(
    phone: Browser, site: Site, stores: Stores
):
    listed = (await phone.json("GET", LIST)).json()["sessions"]
    (here,) = (each["id"] for each in listed if each["current"])
    (other,) = (each["id"] for each in listed if not each["current"])
    await phone.get(LIST)
    await phone.post(f"{LIST}/{here}/name", {"name": "Pocket"})
    await phone.post(f"{LIST}/{other}/end")
    stores.age(600, "seen")
    tablet, newest = site.browser("198.51.100.8", IPHONE), site.browser("198.51.100.9")
    await tablet.log_in(phone.email)
    assert "sign-ins at a time" not in (await tablet.get("/dashboard")).text
    await newest.log_in(phone.email)
    page = (await newest.get("/dashboard")).text
    assert "An account may have 2 sign-ins at a time, so the one unused for longest ended: " in page
    assert "Pocket (Safari on iPhone), last seen 10 minutes ago" in page
    assert any(tag["href"] == LIST for tag in tags(page[page.index('id="told-1"') :], "a")[:1])
    assert "sign-ins at a time" not in (await newest.get("/dashboard")).text
    assert (await phone.get("/dashboard")).status_code == 303


@pytest.mark.parametrize("face", FACES)
async def test_program_is_told_of_it_in_its_answer(
    face: Face, ada: Browser, phone: Browser, site: Site, stores: Stores
):
    stores.age(5, "seen")
    newest = site.browser()
    await newest.get("/login")
    response = await newest.send(face, "/login", {"email": ada.email, "password": PASSWORD})
    if face == "json":
        assert [each["device"] for each in response.json()["displaced"]] in (["Firefox on Linux"], ["Safari on iPhone"])
    else:
        assert "Tidy up your devices" in (await newest.get("/dashboard")).text
    assert len(stores.sessions()) == 2
    assert 303 in {(await browser.get("/dashboard")).status_code for browser in (ada, phone)}
