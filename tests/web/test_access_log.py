"""One line for every request, and one number for all lines of it."""

import asyncio
import logging
import re
from typing import Any

import pytest
from asgi_calls import Inside, call, guarded, http_scope
from log_lines import captured

from webapp.logs import contents
from webapp.logs.requests import note_account
from webapp.web import access_log
from webapp.web.access_log import AccessLog
from webapp.web.asgi import App, Message, Receive, Scope, Send

OWN = re.compile(r"[0-9a-f]{16}")
START: Message = {"type": "http.response.start", "status": 200, "headers": []}
PIECE: Message = {"type": "http.response.body", "body": b"a", "more_body": True}
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
LEAVE: Message = {"type": "http.disconnect"}


def answering(*messages: Message, error: BaseException | None = None) -> App:
    """Make an application that sends these, and then fails if told so."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if error is not None:
            raise error

    return app


def status(number: int) -> App:
    return answering({**START, "status": number}, END)


async def line_of(app: App, scope: Scope | None = None) -> dict[str, Any]:
    """Send one request and return the only line that tells how it was answered."""
    with captured() as log:
        await call(AccessLog(app), scope or http_scope())
    (entry,) = [entry for entry in log.entries if "status" in entry]
    return entry


async def test_line_says_what_the_issue_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    # Near a half, the tenths and the whole milliseconds would be rounded apart.
    monkeypatch.setattr(access_log, "perf_counter", iter([100.0, 100.01234]).__next__)
    entry = await line_of(Inside(), http_scope(b"/a/path?token=secret&email=ada@example.test", method="POST"))
    assert OWN.fullmatch(entry.pop("request_id"))
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "info",
        "logger": "webapp.web.access_log",
        "message": "POST /a/path 200 12 ms",
        "address": "",
        "method": "POST",
        "path": "/a/path",
        "status": 200,
        "milliseconds": 12.3,
    }


async def test_account_is_named_where_somebody_is_signed_in() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        note_account("AbCdEfGhIjKlMnOpQrStUv")
        await Inside()(scope, receive, send)

    assert (await line_of(app))["account"] == "AbCdEfGhIjKlMnOpQrStUv"


@pytest.mark.parametrize(
    ("number", "level"),
    [(200, "info"), (404, "info"), (429, "info"), (500, "error"), (503, "warning"), (505, "warning")],
)
async def test_level_says_whose_fault_it_is(number: int, level: str) -> None:
    entry = await line_of(status(number))
    assert (entry["status"], entry["level"]) == (number, level)


@pytest.mark.parametrize("path", [b"/healthz", b"/readyz"])
async def test_health_is_news_only_when_it_is_bad(path: bytes) -> None:
    with captured() as log:
        await call(AccessLog(status(200)), http_scope(path))
    assert log.lines == []
    assert (await line_of(status(503), http_scope(path)))["level"] == "warning"
    assert (await line_of(status(405), http_scope(path)))["status"] == 405
    with captured(level=logging.DEBUG) as log:
        await call(AccessLog(status(200)), http_scope(path))
    assert "200" in log.text


async def test_refused_request_is_told_with_the_address_that_the_proxies_established() -> None:
    headers = [(b"host", b"elsewhere.test"), (b"x-forwarded-for", b"203.0.113.66, 198.51.100.7")]
    entry = await line_of(guarded(Inside(), TRUSTED_PROXY="heroku"), http_scope(headers=headers))
    assert (entry["status"], entry["address"]) == (400, "198.51.100.7")


@pytest.mark.parametrize(("extensions", "number"), [({}, 403), ({"websocket.http.response": {}}, 400)])
async def test_refused_websocket_is_told_too(extensions: dict[str, Any], number: int) -> None:
    scope = http_scope(headers=[(b"x-forwarded-for", b"198.51.100.7")], type="websocket", extensions=extensions)
    del scope["method"]
    entry = await line_of(guarded(Inside(), TRUSTED_PROXY="1"), scope)
    assert (entry["method"], entry["status"], entry["address"]) == ("GET", number, "198.51.100.7")
    assert entry["message"].endswith(" ms")


async def test_lifespan_is_no_request() -> None:
    inside = Inside()
    scope = {"type": "lifespan"}
    with captured(level=logging.DEBUG) as log:
        await call(AccessLog(inside), scope)
    assert inside.scope is scope
    assert log.lines == []


async def test_failure_outside_of_every_page_is_told_with_its_traceback_and_goes_on() -> None:
    with captured() as log, pytest.raises(ValueError, match="no"):
        await call(AccessLog(answering(error=ValueError("no"))), http_scope())
    (entry,) = log.entries
    assert (entry["status"], entry["level"], entry["exception"]) == (500, "error", "ValueError")
    assert entry["message"].endswith(" ms, failed outside of every page")
    assert "in app" in entry["traceback"]


async def test_failure_in_the_middle_of_an_answer_keeps_the_status_that_was_sent() -> None:
    with captured() as log, pytest.raises(ValueError, match="no"):
        await call(AccessLog(answering(START, PIECE, error=ValueError("no"))), http_scope())
    (entry,) = log.entries
    assert (entry["status"], entry["exception"]) == (200, "ValueError")


@pytest.mark.parametrize(
    ("sent", "number", "said"),
    [((), None, "GET / - "), ((START,), 200, "GET / 200 "), ((START, PIECE), 200, "GET / 200 ")],
)
async def test_client_who_leaves_before_the_end_is_told(
    sent: tuple[Message, ...], number: int | None, said: str
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in sent:
            await send(message)
        while (await receive())["type"] != "http.disconnect":
            pass

    entry = await line_of(app)
    assert entry["status"] == number
    assert entry["message"].startswith(said)
    assert entry["message"].endswith(" ms, the client left")
    assert entry["level"] == "info"


async def test_stream_that_has_no_end_of_its_own_is_called_one() -> None:
    start = {**START, "headers": [(b"content-type", b"text/event-stream")]}
    entry = await line_of(answering(start, PIECE))
    assert entry["message"].endswith(" ms, a stream")
    ended = await line_of(answering(start, PIECE, END))
    assert ended["message"].endswith(" ms")


async def test_client_who_leaves_after_the_end_is_as_any_other() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Inside(reads=True)(scope, receive, send)
        assert await receive() == LEAVE

    assert (await line_of(app))["message"].endswith(" ms")


async def test_stream_is_told_when_it_ends_and_one_that_is_cancelled_is_cut_short() -> None:
    begun = asyncio.Event()

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(PIECE)
        begun.set()
        await asyncio.Future()

    with captured() as log:
        task = asyncio.ensure_future(call(AccessLog(stream), http_scope(b"/events")))
        await begun.wait()
        assert log.lines == []
        task.cancel()
        await asyncio.wait({task})
    (entry,) = log.entries
    assert task.cancelled()
    assert (entry["status"], entry["level"]) == (200, "info")
    assert entry["message"].endswith(" ms, cut short")


async def test_path_and_method_are_bounded_and_show_no_address() -> None:
    scope = http_scope(method="A" * 200, path=b"/x", headers=[]) | {"path": "/ada@example.test/" + "x" * 5000}
    entry = await line_of(Inside(), scope)
    assert len(entry["path"]) == 256
    assert len(entry["method"]) <= 32
    assert "ada" not in entry["path"] + entry["message"]


async def test_path_is_told_alike_however_often_and_one_with_a_secret_is_never_remembered() -> None:
    for path in ("/dashboard", "/reset/telltale", "/ada@example.test", f"/{'x' * 300}"):
        first, second = [(await line_of(Inside(), http_scope() | {"path": path}))["path"] for _ in range(2)]
        assert first == second
        assert (path in contents._shown_whole) == (first == path) == (path == "/dashboard")


async def test_paths_that_strangers_make_up_fill_no_memory() -> None:
    for number in range(contents.PATHS_KEPT + 2):
        assert contents.path_for_log(f"/made-up/{number}") == f"/made-up/{number}"
    assert len(contents._shown_whole) <= contents.PATHS_KEPT


async def test_credentials_of_a_request_are_masked_in_what_others_write_of_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        logging.getLogger("some").warning("%s", scope["headers"])
        logging.getLogger("some").warning("umbrella %s", scope["path"])
        await Inside()(scope, receive, send)

    headers = [(b"cookie", b"a=purple-lantern; b=yellow-lantern"), (b"authorization", b"Bearer green-lantern")]
    with captured() as log:
        await call(AccessLog(app), http_scope(b"/reset/telltale", headers))
    assert len(log.lines) == 3
    for secret in ("purple", "yellow", "green", "telltale"):
        assert secret not in log.text


async def test_client_cannot_hide_what_it_asks_for_by_sending_it_as_a_cookie() -> None:
    entry = await line_of(Inside(), http_scope(b"/.git/config", headers=[(b"cookie", b"a=/.git/config")]))
    assert entry["path"] == "/.git/config"
    assert "/.git/config" in entry["message"]
