"""Which requests open a stream of events, how it is answered, and what it holds while it is open."""

from collections.abc import Callable
from typing import Any

import pytest
from open_streams import OpenStream
from pages import Browser, Site, session_ids, token_in
from quart import copy_current_request_context, request
from stores import Stores
from werkzeug.datastructures import Headers

from webapp.web.pages import session_events

LIST = "/settings/sessions"
Opens = Callable[..., OpenStream]


async def test_answer_is_a_stream_that_nobody_holds_back(ada: Browser, opens: Opens) -> None:
    stream = opens(ada)
    await stream.begins()
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store, no-transform"
    assert stream.headers["x-accel-buffering"] == "no"
    assert "content-length" not in stream.headers
    assert "set-cookie" not in stream.headers
    assert stream.body.startswith(b":\n\n")


async def test_browser_without_a_session_is_told_so_at_once(browser: Browser, opens: Opens, stores: Stores) -> None:
    with stores.watched() as commands:
        told = await opens(browser).ends()
    assert [(event.name, event.data) for event in told] == [("session-close", "ended")]
    assert commands == []


async def test_bent_cookie_is_nobody(ada: Browser, opens: Opens, stores: Stores) -> None:
    first, rest = ada.session_cookie[0], ada.session_cookie[1:]
    ada.carry(("y" if first == "x" else "x") + rest)
    with stores.watched() as commands:
        told = await opens(ada).ends()
    assert [(event.name, event.data) for event in told] == [("session-close", "ended")]
    assert commands == []


@pytest.mark.parametrize("announced", [{"content_length": "65536"}, {"transfer_encoding": "chunked"}])
async def test_request_with_a_body_opens_none(
    announced: dict[str, str], ada: Browser, opens: Opens, site: Site
) -> None:
    """Nobody would read it, and the stream would hold all of it."""
    stream = opens(ada, **announced)
    await stream.ends()
    assert stream.status == 400
    assert len((await site.services()).streams) == 0


async def test_open_stream_holds_no_headers_and_still_makes_the_pieces_of_its_page(
    ada: Browser, phone: Browser, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would be most of what it takes in memory, where somebody sends big ones."""
    held: list[Headers] = []

    def remember(work: Any) -> Any:  # noqa: ANN401 -- a function, and what Quart makes of it.
        held.append(request.headers)
        return copy_current_request_context(work)

    monkeypatch.setattr(session_events, "copy_current_request_context", remember)
    stream = opens(ada, "?list=", x_big="j" * 5000)
    shown = await stream.comes("")
    assert [len(headers) for headers in held] == [0]
    assert token_in(shown.data) == token_in((await ada.get(LIST)).text)
    assert len(session_ids(shown.data)) == 2


async def test_request_that_says_it_has_none_opens_one(ada: Browser, opens: Opens) -> None:
    assert (await opens(ada, content_length="0").comes("session-here")).name


async def test_other_sites_open_none(ada: Browser, opens: Opens) -> None:
    stream = opens(ada, sec_fetch_site="cross-site")
    await stream.ends()
    assert stream.status == 403


async def test_somebody_who_types_the_address_gets_a_page(ada: Browser) -> None:
    response = await ada.get("/session/events", accept="text/html")
    assert (response.status_code, response.headers["Location"]) == (303, "/dashboard")
