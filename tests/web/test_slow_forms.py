"""A session that ends while its form is still being sent does nothing any more: it is looked for when all is there."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from gatehouse import Gatehouse
from pages import PASSWORD, Browser, token_in
from server.lines import Line

from webapp import deadline
from webapp.web import body_cap

PROFILE = "/settings/profile"
EMAIL, NAME, FORGED = "ada@example.org", "Ada Lovelace", "Mallory"
FORM = "application/x-www-form-urlencoded"
# Seconds for an answer; httpx would give up after five.
PATIENCE = 30


@pytest.fixture
def house(tmp_path: Path, redis_url: str) -> Iterator[Gatehouse]:
    """Start the real server."""
    house = Gatehouse(tmp_path, redis_url)
    yield house
    house.stop()


def browser(house: Gatehouse) -> httpx.AsyncClient:
    headers = {"Origin": house.url, "Accept": "text/html"}
    return httpx.AsyncClient(base_url=house.url, headers=headers, timeout=PATIENCE)


async def press(client: httpx.AsyncClient, page: str, path: str, **fields: str) -> httpx.Response:
    token = token_in((await client.get(page)).text)
    return await client.post(path, data={"csrf_token": token, **fields})


async def begin_to_rename(house: Gatehouse, client: httpx.AsyncClient) -> tuple[Line, str]:
    """Send the form of the profile but for its last character, which is returned; the server waits for it."""
    form = urlencode({"name": FORGED, "csrf_token": token_in((await client.get(PROFILE)).text)})
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
    address = urlsplit(house.url)
    line = Line(*await asyncio.open_connection("127.0.0.1", address.port))
    line.write(
        f"POST {PROFILE} HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {house.url}\r\nAccept: text/html\r\n"
        f"Cookie: {cookies}\r\nContent-Type: {FORM}\r\nContent-Length: {len(form)}\r\nExpect: 100-continue\r\n\r\n"
    )
    assert (await line.head()).status == 100
    line.write(form[:-1])
    return line, form[-1]


async def test_form_whose_session_ends_while_it_is_sent_does_nothing(house: Gatehouse):
    async with browser(house) as thief, browser(house) as owner:
        await press(thief, "/register", "/register", email=EMAIL, name=NAME, password=PASSWORD)
        await press(owner, "/login", "/login", email=EMAIL, password=PASSWORD)
        line, last = await begin_to_rename(house, thief)
        ended = await press(owner, "/settings/sessions", "/settings/sessions/end-others")
        assert ended.status_code == 303
        line.write(last)
        head = await line.head()
        line.close()
        assert head.status == 303
        assert head.headers["location"].startswith("/login?next="), house.log()
        page = (await owner.get(PROFILE)).text
    assert NAME in page
    assert FORGED not in page


class Clock:
    """Stands for the module time where a request's patience is measured; counts how often it was looked at."""

    def __init__(self) -> None:
        self.looks = 0
        self._ahead = 0.0

    def monotonic(self) -> float:
        """Give the time."""
        self.looks += 1
        return time.monotonic() + self._ahead

    async def slowly(self, form: bytes) -> AsyncIterator[bytes]:
        """Give a form whose last byte comes long after the patience of its request has begun and was paused."""
        yield form[:-1]
        async with asyncio.timeout(PATIENCE):
            while self.looks < 2:  # noqa: ASYNC110  (Nobody tells of it.)
                await asyncio.sleep(0)
        self._ahead = 10 * deadline.PATIENCE
        yield form[-1:]


async def test_form_that_is_sent_slowly_leaves_the_stores_their_time(ada: Browser, monkeypatch: pytest.MonkeyPatch):
    await ada.get(PROFILE)
    form = urlencode({"name": "Ada King", "csrf_token": ada.token}).encode()
    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    response = await ada.client.post(PROFILE, content=clock.slowly(form), headers={"Content-Type": FORM})
    assert response.status_code == 303
    assert response.headers["Location"] == PROFILE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_page_is_shown_whatever_body_comes_with_the_request(
    method: str, ada: Browser, monkeypatch: pytest.MonkeyPatch
):
    async def never_ends() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.Future()

    monkeypatch.setattr(body_cap, "LINGER_SECONDS", 0.05)
    async with asyncio.timeout(PATIENCE):
        response = await ada.client.request(method, "/dashboard", content=never_ends())
    assert response.status_code == 200
