"""A form that does not arrive in time is answered with 408; nobody holds a handler by sending a byte now and then."""

import asyncio

import pytest
from asgi_calls import Answer, http_scope
from pages import Site

from webapp.web import body_cap
from webapp.web.asgi import Message


async def send_slowly(site: Site, accept: bytes) -> Answer:
    """Send a sign-in form byte by byte, and never to its end."""
    headers = [(b"host", b"gatehouse.test"), (b"accept", accept), (b"sec-fetch-site", b"same-origin")]
    headers += [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"1000")]
    answer = Answer()

    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def send(message: Message) -> None:
        answer.messages.append(message)

    await site.asgi(http_scope(b"/login", headers, method="POST", scheme="https"), receive, send)
    return answer


@pytest.mark.parametrize("accept", [b"text/html", b"application/json"])
async def test_form_that_trickles_in_is_answered_with_408(site: Site, monkeypatch: pytest.MonkeyPatch, accept: bytes):
    monkeypatch.setattr(body_cap, "LINGER_SECONDS", 0.05)
    site.app.config["BODY_TIMEOUT"] = 0.3
    async with asyncio.timeout(10):
        answer = await send_slowly(site, accept)
    assert answer.status == 408
    assert "did not arrive in time" in answer.text
    assert answer.messages[-1]["more_body"] is False


async def test_form_has_to_arrive_before_heroku_gives_up(site: Site):
    """After 30 s without the first byte of an answer its router gives its own (H12 in "HTTP Routing")."""
    assert site.app.config["BODY_TIMEOUT"] + body_cap.LINGER_SECONDS < 30
