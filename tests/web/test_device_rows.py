"""Rows that one recognises: one browser is one row, with its place, and what nobody uses is tidied up at once."""

import pytest
from knowing import sign_in_again
from pages import FACES, IPHONE, Browser, Face, Site, session_ids, tags
from stores import Stores

from webapp.places import Places
from webapp.sessions.device import Device
from webapp.sessions.model import Listing, Session
from webapp.web.pages.device_rows import UNUSED_SECONDS, Rows

LIST = "/settings/sessions"
NOW = 1_800_000_000
MONTH = 30 * 86400


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """Let remembered sessions live through a pause that is longer than what counts as unused."""
    return {**environ, "REMEMBER_IDLE": "60d"}


class Globe:
    """Knows one place."""

    def get(self, address: str) -> object:
        return {"country": {"names": {"en": "Germany"}}} if address == "203.0.113.7" else None


def session(number: int, browser: str = "", label: str = "Firefox on Linux", **values: object) -> Session:
    """Make a session that was seen the earlier, the higher its number is."""
    facts = {"created": 0, "seen": NOW - number, "confirmed": 0, "idle": 3600, "expires": NOW + 3600, "name": ""}
    device = Device(label, "computer")
    more = {"remembered": False, "method": "password", "device": device, "address": "192.0.2.1", **values}
    return Session(id=str(number), account_id="ada", browser=browser, **{**facts, **more})  # type: ignore[arg-type]  # As it comes.


def rows(*sessions: Session, here: str = "1") -> Rows:
    return Rows.of(Listing(sessions, NOW), here, Places(Globe()))  # type: ignore[arg-type]  # A reader of one address.


def grouped(found: Rows) -> list[list[str]]:
    return [[row.session.id, *(each.session.id for each in row.earlier)] for row in found.devices]


def test_twins_of_one_browser_stand_under_the_one_that_was_seen_last():
    found = rows(session(1), session(2, "b"), session(3, "c"), session(4, "b"), session(5, "b"))
    assert grouped(found) == [["1"], ["2", "4", "5"], ["3"]]
    assert [row.session.id for row in found] == ["1", "2", "4", "5", "3"]


def test_this_device_is_first_and_stands_for_its_browser():
    assert grouped(rows(session(1, "b"), session(2, "b"), session(3), here="2")) == [["2", "1"], ["3"]]


def test_sessions_of_no_known_browser_are_no_twins():
    assert grouped(rows(session(1), session(2))) == [["1"], ["2"]]


def test_browser_that_calls_itself_another_one_is_not_hidden_under_a_known_one():
    assert grouped(rows(session(1, "b"), session(2, "b", "Chrome on Windows"))) == [["1"], ["2"]]


def test_twins_are_sign_ins_and_no_further_devices():
    assert rows(session(1), session(2)).noun == "device"
    twins = rows(session(1, "b"), session(2, "b"))
    assert (twins.noun, twins.others) == ("sign-in", 1)


def test_unused_are_those_that_were_seen_longer_ago_and_never_this_one():
    old, older = session(UNUSED_SECONDS), session(UNUSED_SECONDS + 1)
    assert rows(old, older).unused == 1
    assert rows(old, older, here=older.id).unused == 0


def test_place_stands_beside_the_address_where_it_is_known():
    assert [row.place for row in rows(session(1, address="203.0.113.7"), session(2))] == ["Germany", ""]


async def test_browser_that_signs_in_again_is_one_row_with_its_earlier_sign_in(ada: Browser, site: Site):
    browser = site.browser("198.51.100.7", IPHONE)
    await browser.log_in(ada.email)
    await sign_in_again(site, ada, browser)
    page = (await ada.get(LIST)).text
    assert "2 devices are signed in" in page
    assert "1 earlier sign-in of this browser" in page
    assert len([tag for tag in tags(page, "li") if tag.get("class", "").split()[:1] == ["session"]]) == 2
    listed = (await ada.json("GET", LIST)).json()["sessions"]
    assert [each["id"] for each in listed] == session_ids(page)
    assert len(listed) == 3


@pytest.mark.parametrize("face", FACES)
async def test_earlier_sign_in_is_ended_by_itself(face: Face, ada: Browser, site: Site, stores: Stores):
    browser = site.browser("198.51.100.7", IPHONE)
    await browser.log_in(ada.email)
    stores.age(5)
    await sign_in_again(site, ada, browser)
    _, last, earlier = session_ids((await ada.get(LIST)).text)
    response = await ada.send(face, f"{LIST}/{earlier}/end")
    assert response.status_code == (303 if face == "page" else 200)
    assert (await browser.get("/dashboard")).status_code == 200
    assert set(stores.sessions()) >= {last}
    assert len(stores.sessions()) == 2


async def test_list_of_earlier_sign_ins_stays_open_while_one_goes_through_it(ada: Browser, site: Site):
    browser = site.browser("198.51.100.7", IPHONE)
    await browser.log_in(ada.email)
    for _ in range(2):
        await sign_in_again(site, ada, browser)
    _, _, earlier, last = session_ids((await ada.get(LIST)).text)
    response = await ada.htmx(f"{LIST}/{earlier}/end", page=LIST)
    (details,) = (tag for tag in tags(response.text, "details") if tag["class"] == "session-earlier")
    assert "open" in details
    assert session_ids(response.text)[-1] == last
    assert any("autofocus" in tag for tag in tags(response.text, "h4"))


@pytest.mark.parametrize("face", FACES)
async def test_all_unused_for_30_days_are_ended_at_once(face: Face, phone: Browser, site: Site, stores: Stores):
    laptop = site.browser()
    await laptop.log_in(phone.email)
    stores.age(MONTH + 60, "seen")
    here, tablet = site.browser("192.0.2.8"), site.browser("192.0.2.9")
    for browser in (tablet, here):
        await browser.log_in(phone.email)
    page = (await here.get(LIST)).text
    assert "Sign out of all unused for 30 days" in page
    response = await here.send(face, f"{LIST}/end-unused")
    if face == "json":
        assert response.json() == {"ended": 1}
    else:
        text = response.text if face == "htmx" else (await here.get(LIST)).text
        assert "Signed out: 1 device, unused for 30 days." in text
    assert (await phone.get("/dashboard")).status_code == 303
    assert (await tablet.get("/dashboard")).status_code == 200
    assert (await here.get("/dashboard")).status_code == 200


@pytest.mark.parametrize("face", FACES)
async def test_where_all_are_used_there_is_nothing_to_tidy_up(face: Face, ada: Browser, phone: Browser):
    assert "unused for" not in (await ada.get(LIST)).text
    response = await ada.send(face, f"{LIST}/end-unused")
    assert (await phone.get("/dashboard")).status_code == 200
    if face == "json":
        assert response.json() == {"ended": 0}
    else:
        assert "No device was unused for 30 days." in (response.text if face == "htmx" else (await ada.get(LIST)).text)
