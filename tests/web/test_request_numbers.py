"""The number under which all lines of a request are found, and that its person is told."""

import asyncio
import logging
import re

import pytest
from asgi_calls import Answer, Inside, call, http_scope
from log_lines import Log, captured
from pages import FACES, Browser, Face
from stores import Stores

from webapp.sessions.token import Token, new_public_id
from webapp.web.access_log import AccessLog
from webapp.web.asgi import Receive, Scope, Send

UUID = b"0f8fad5b-d9cb-469f-a165-70867728950e"
OWN = re.compile(r"[0-9a-f]{16}")


async def numbered(*values: bytes) -> tuple[Answer, Log]:
    with captured() as log:
        headers = [(b"host", b"a"), *((b"x-request-id", value) for value in values)]
        answer = await call(AccessLog(Inside()), http_scope(headers=headers))
    return answer, log


@pytest.mark.parametrize("number", [UUID, b"12345678", b"a" * 24 + b"." + b"9" * 24 + b"_-", b"Root.1-67891233-abcdef"])
async def test_number_of_the_request_is_taken_from_its_header_and_sent_back(number: bytes) -> None:
    answer, log = await numbered(number)
    assert answer.headers["x-request-id"] == log.entries[0]["request_id"] == number.decode()


@pytest.mark.parametrize(
    "values",
    [
        (),
        (b"",),
        (b"1234567",),
        (b"a" * 129,),
        (b"12345678\n",),
        (b"12345678 x",),
        (b"ada@example.test",),
        (b'"12345678"',),
        (b"<script>x",),
        (b"\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4",),
        (UUID, UUID),
        (UUID + b"," + UUID,),
        # It would be masked in the log, and name nothing there.
        (str(Token.new(new_public_id())).encode(),),
    ],
)
async def test_anything_else_gets_a_number_of_our_own(values: tuple[bytes, ...]) -> None:
    answers = [await numbered(*values) for _ in range(2)]
    numbers = {answer.headers["x-request-id"] for answer, _ in answers}
    assert len(numbers) == 2
    assert all(OWN.fullmatch(number) for number in numbers)
    assert {log.entries[0]["request_id"] for _, log in answers} == numbers


@pytest.mark.usefixtures("nobody_does_what_is_owed")
@pytest.mark.parametrize("face", FACES)
async def test_whoever_meets_an_outage_is_shown_the_number_of_the_line_that_says_why(
    face: Face, ada: Browser, stores: Stores
) -> None:
    with stores.away(), captured() as log:
        response = await ada.look(face, "/dashboard")
    assert response.status_code == 503
    why, ended = log.entries
    assert "did not answer" in why["message"]
    assert why["request_id"] == ended["request_id"] == response.headers["X-Request-Id"]
    assert why["request_id"] in response.text
    assert face != "json" or response.json()["request_id"] == why["request_id"]


async def test_page_of_an_error_that_is_the_callers_own_shows_no_number(ada: Browser) -> None:
    response = await ada.get("/no-such-page")
    assert response.headers["X-Request-Id"] not in response.text


async def test_lines_of_requests_at_the_same_time_keep_their_numbers_and_so_do_tasks_that_outlive_them() -> None:
    together = asyncio.Barrier(2)
    late: list[asyncio.Task[None]] = []

    async def say(text: str) -> None:
        await asyncio.sleep(0)
        logging.getLogger("webapp.some").warning("%s", text)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await together.wait()
        await say(scope["path"])
        late.append(asyncio.create_task(say(scope["path"])))
        await Inside()(scope, receive, send)

    with captured() as log:
        answers = await asyncio.gather(*(call(AccessLog(app), http_scope(path)) for path in (b"/a", b"/b")))
        await asyncio.gather(*late)
        logging.getLogger("webapp.some").warning("of none")
    *within, outside = log.entries
    numbers = dict(zip(("/a", "/b"), (answer.headers["x-request-id"] for answer in answers), strict=True))
    assert len(within) == 6
    assert [entry["request_id"] for entry in within] == [numbers[entry["path"]] for entry in within]
    assert all(entry["message"].split()[-1] in {entry["path"], "ms"} for entry in within)
    assert "request_id" not in outside


async def test_nothing_that_came_as_a_cookie_or_credential_is_told_by_any_line_of_the_request() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        logging.getLogger("some.library").warning(
            "What came was %s", scope["headers"], exc_info=ValueError("lanterns1")
        )
        await Inside()(scope, receive, send)

    cookie = b"a=lanterns1; __Host-visitor=lanterns2;b=lanterns3"
    headers = [(b"cookie", cookie), (b"cookie", b"lanterns4=lanterns5"), (b"authorization", b"Basic lanterns6")]
    with captured() as log:
        await call(AccessLog(app), http_scope(headers=headers))
    assert [number for number in "12356" if f"lanterns{number}" in log.text] == []
