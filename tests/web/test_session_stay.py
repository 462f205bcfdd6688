"""Staying signed in: the button of the notice that a session is about to end."""

import pytest
from pages import ORIGIN, SESSION_COOKIE, Browser, Site, cookies_set, tags
from stores import Stores
from told import end

from webapp.streams.model import Sight
from webapp.web.templating import piece

STAY = "/session/stay"
HALF_AN_HOUR = 1800


NOW = 1_800_000_000


async def notice(site: Site, sight: Sight | None) -> str:
    async with site.app.test_request_context("/session/events"):
        return piece("shared/_ending.html", sight=sight)


def last_seen(stores: Stores) -> int:
    (session_id,) = stores.sessions()
    return int(stores.record(session_id)["seen"])


@pytest.mark.parametrize("face", ["page", "htmx", "json"])
async def test_pressing_it_moves_the_end(face: str, ada: Browser, stores: Stores):
    await ada.get("/settings/profile")
    stores.age(HALF_AN_HOUR, "seen")
    before = last_seen(stores)
    answer = await ada.send(face, STAY)  # type: ignore[arg-type]  # One of the three.
    assert last_seen(stores) >= before + HALF_AN_HOUR
    assert answer.status_code == (303 if face == "page" else 200)


async def test_htmx_is_answered_with_words_and_nothing_else(ada: Browser):
    await ada.get("/settings/profile")
    answer = await ada.htmx(STAY, page="/settings/profile")
    (root,) = (tag for tag in tags(answer.text, "div") if "hx-swap-oob" in tag)
    assert root["id"] == "notices"
    assert "You stay signed in." in answer.text
    assert answer.text.lstrip().startswith("<div")


async def test_without_htmx_one_comes_back_to_the_page_which_says_so(ada: Browser):
    await ada.get("/settings/profile")
    answer = await ada.post(STAY, referer=f"{ORIGIN}/settings/profile")
    assert answer.headers["Location"] == "/settings/profile"
    assert "You stay signed in." in (await ada.get("/settings/profile")).text


async def test_programs_are_told_the_session(ada: Browser):
    session = (await ada.json("POST", STAY)).json()["session"]
    assert session["current"] is True
    assert session["ends"]


async def test_session_that_is_over_does_not_come_back(ada: Browser, site: Site, stores: Stores):
    await ada.get("/settings/profile")
    await end(site, ada)
    answer = await ada.htmx(STAY, page="/settings/profile")
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/settings/profile"
    assert stores.sessions() == []
    assert SESSION_COOKIE not in cookies_set(answer)


async def test_address_leads_home(ada: Browser):
    assert (await ada.get(STAY)).headers["Location"] == "/dashboard"


async def test_notice_of_a_pause_counts_down_silently_and_has_the_button_that_stays(site: Site):
    html = await notice(site, Sight("held", NOW, ends=NOW + 100))
    (timer,) = (tag for tag in tags(html, "span") if tag.get("role") == "timer")
    assert timer["data-countdown"] == "100"
    (form,) = tags(html, "form")
    assert (form["action"], form["hx-post"], form["hx-target"]) == (STAY, STAY, "#session-ending")
    assert [button["type"] for button in tags(html, "button")] == ["submit"]
    assert "autofocus" not in html


async def test_notice_of_the_longest_end_leads_to_signing_in_again(site: Site):
    html = await notice(site, Sight("held", NOW, ends=NOW + 61, by_age=True))
    assert tags(html, "form") == []
    (button,) = tags(html, "button")
    assert "data-signs-in-again" in button
    assert 'data-countdown="61"' in html


async def test_page_has_the_room_for_it_as_a_live_region_from_the_start(ada: Browser, site: Site):
    page = (await ada.get("/dashboard")).text
    (room,) = (tag for tag in tags(page, "div") if tag.get("id") == "session-ending")
    assert room["aria-live"] == "polite"
    assert 'id="ending"' not in page
    assert (await notice(site, None)).strip() == ""
