"""The digest of a list of devices: by it a page and its stream know whether they show the same."""

from dataclasses import replace

import pytest
from pages import Browser, Site, session_ids, tags, token_in
from stores import Stores
from told import token_of

from webapp.places import Places
from webapp.sessions.device import Device
from webapp.sessions.model import Listing, Session
from webapp.web.context import services
from webapp.web.pages.device_rows import Rows
from webapp.web.pages.sessions import render_list

LIST = "/settings/sessions"
NOW = 1_800_000_000


def session(number: str, name: str = "", seen: int = NOW) -> Session:
    facts = {"created": 0, "seen": seen, "confirmed": 0, "idle": 3600, "expires": NOW + 3600}
    more = {"remembered": False, "method": "password", "device": Device("Firefox", "computer"), "address": "192.0.2.1"}
    return Session(id=number, account_id="ada", name=name, **{**facts, **more})  # type: ignore[arg-type]  # As it comes.


def digest(*sessions: Session, here: str = "1") -> str:
    return Rows.of(Listing(sessions, NOW), here, Places(None)).digest


ONE, TWO = session("1"), session("2", "Kitchen")


def test_order_times_and_who_looks_make_no_difference():
    same = {digest(ONE, TWO), digest(TWO, ONE), digest(ONE, TWO, here="2"), digest(ONE, replace(TWO, seen=NOW - 9))}
    assert len(same) == 1


def test_coming_going_and_another_name_make_one():
    lists = [(ONE,), (ONE, TWO), (ONE, TWO, session("3")), (ONE, session("2")), (ONE, session("2", "Kitchen 2")), ()]
    assert len({digest(*each) for each in lists}) == len(lists)


def test_twins_of_one_browser_count_each():
    first, second = (replace(each, browser="b") for each in (ONE, session("2")))
    assert digest(first, second) != digest(first)


@pytest.mark.parametrize("name", ['"', "\\", "1", '", "'])
def test_names_cannot_make_two_lists_alike(name: str):
    assert digest(session("1", name), session("2")) != digest(session("1"), session("2", name))


async def test_page_tells_its_digest_to_its_stream(ada: Browser, phone: Browser):
    page = (await ada.get(LIST)).text
    (shown,) = (tag["data-digest"] for tag in tags(page, "section") if tag.get("id") == "sessions")
    (stream,) = (tag for tag in tags(page, "div") if tag.get("id") == "session-stream")
    assert stream["hx-sse:connect"] == f"/session/events?list={shown}"
    await phone.get("/dashboard")
    await phone.post("/logout")
    (later,) = (
        tag["data-digest"] for tag in tags((await ada.get(LIST)).text, "section") if tag.get("id") == "sessions"
    )
    assert later != shown


async def test_other_pages_want_no_list(ada: Browser):
    (stream,) = (tag for tag in tags((await ada.get("/dashboard")).text, "div") if tag.get("id") == "session-stream")
    assert stream["hx-sse:connect"] == "/session/events"


async def test_list_for_a_stream_is_that_of_the_page_without_anybody_having_been_asked(
    ada: Browser, phone: Browser, site: Site, stores: Stores
):
    page = (await ada.get(LIST)).text
    token = token_of(site, ada)
    before = stores.everything()
    cookie = {"Cookie": f"__Host-session={ada.session_cookie}"}
    async with site.app.test_request_context("/session/events", headers=cookie, scheme="https"):
        rows = Rows.of(await services().sessions.list(token.account_id), token.session_id, services().places)
        html, shown = render_list(rows), rows.digest
    assert session_ids(html) == session_ids(page)
    assert len(session_ids(html)) == 2
    assert token_in(html) == token_in(page)
    assert f'data-digest="{shown}"' in html
    assert f'data-digest="{shown}"' in page
    assert 'id="notices"' not in html
    assert "autofocus" not in html
    assert html.strip().startswith("<section")
    assert stores.everything() == before
