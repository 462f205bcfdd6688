"""What a browser whose session has ended is told of it."""

import re
from datetime import UTC, datetime

from pages import Browser, Site
from quart_auth import QuartAuth

from webapp.history import Event, Origin
from webapp.history.model import ended_id
from webapp.sessions.model import Cause, Reason
from webapp.sessions.token import Token

FROM_FIREFOX = r"You were signed out here on \d+ \w+ \d{4}, \d\d:\d\d UTC, from Firefox on Linux\."
START = "You were signed out here"


def identity(site: Site) -> QuartAuth:
    extension: QuartAuth = site.app.extensions["QUART_AUTH"][0]
    return extension


def token_of(site: Site, browser: Browser) -> Token:
    token = Token.parse(identity(site).load_token(browser.session_cookie, app=site.app) or "")
    assert token is not None
    return token


async def end(site: Site, browser: Browser, reason: Reason = "elsewhere", by: str = "Firefox on Linux") -> None:
    token = token_of(site, browser)
    assert await (await site.services()).sessions.end(token.account_id, token.session_id, Cause(reason, by))


async def told(browser: Browser, path: str = "/dashboard") -> str:
    """Open a page of somebody signed in, and return what the page it leads to says of the end."""
    answer = await browser.get(path)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith("/login")
    return said((await browser.get(answer.headers["Location"])).text)


def said(html: str) -> str:
    found = re.search(rf"<p[^>]*>({START}[^<]*)</p>", html)
    return found[1] if found else ""


async def write_end(site: Site, token: Token, reason: str, **rest: str) -> Event:
    event = Event(
        "ended",
        token.account_id,
        datetime(2026, 11, 20, 14, 2, tzinfo=UTC),
        Origin(token.session_id),
        {"reason": reason, **rest},
        id=ended_id(token.session_id),
    )
    await (await site.services()).history.add(event)
    return event
