"""What the server refuses by itself never reaches the application; the log tells of it all the same."""

from http import HTTPStatus

import pytest
from asgi_calls import Inside
from log_lines import captured
from server.in_process import connected

from webapp.server.timings import Timings
from webapp.web.access_log import AccessLog

# A name that stands in what was sent, and may not stand in the log.
PRIVATE = "ada-and-her-lanterns"
LENGTH = (b"content-length", b"6")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"GET /{PRIVATE}\r\n\r\n", 400),
        (f"GET /{PRIVATE} HTTP/1.1\r\nHost: {PRIVATE}\r\nX-A: ", 408),
        (f"GET /{PRIVATE} HTTP/1.1\r\nHost: {PRIVATE}\r\nX-A: {PRIVATE * 2000}", 431),
        (f"GET /{PRIVATE} HTTP/2.0\r\nHost: {PRIVATE}\r\n\r\n", 505),
    ],
)
async def test_refusal_is_one_line_that_says_why_and_to_whom_and_repeats_nothing(sent: str, status: int):
    # Only who is to be late is given little time: what else is sent has to arrive whole.
    timings = Timings(head=0.5 if status == HTTPStatus.REQUEST_TIMEOUT else 30, lingering=0)
    with captured() as log:
        async with connected(AccessLog(Inside(headers=(LENGTH,))), timings) as line:
            # The lines of a request before are its own.
            line.ask("/")
            await line.answer()
            line.write(sent)
            assert (await line.head()).status == status
            await line.hears_the_end()
    [entry] = [entry for entry in log.entries if entry["logger"].startswith("webapp.server")]
    expected = {
        "level": "info",
        "message": f"Refused what 127.0.0.1 sent: {status} {HTTPStatus(status).phrase}.",
        "status": status,
        "peer": "127.0.0.1",
    }
    assert {name: entry[name] for name in entry.keys() - {"time", "logger"}} == expected
    assert PRIVATE not in log.text
