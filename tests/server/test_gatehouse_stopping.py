"""The real application under the operator's command: a sign-in that is under way at the end is finished, and holds."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from gatehouse import Gatehouse
from own_redis import SLOW
from pages import PASSWORD, token_in
from server.lines import Line
from server.staging import is_free

FORM = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
# Seconds. Argon2 on a busy machine takes its time, and so does a server that ends.
PATIENCE = 30

# Two servers are started, one after the other.
pytestmark = pytest.mark.timeout(SLOW)


def browser(house: Gatehouse) -> httpx.AsyncClient:
    headers = {"Origin": house.url, "Accept": "text/html"}
    return httpx.AsyncClient(base_url=house.url, headers=headers, timeout=PATIENCE)


@pytest.mark.parametrize("processes", [1, 3])
async def test_sign_in_under_way_is_finished_and_holds(tmp_path: Path, redis_url: str, processes: int):
    house = Gatehouse(tmp_path, redis_url, WEB_CONCURRENCY=str(processes))
    await _register(house)
    await _until(lambda: _workers(house) == processes)
    async with browser(house) as client:
        line, last = await _begin_to_sign_in(house, client)
        stopping = asyncio.create_task(asyncio.to_thread(house.stop))
        await _until(lambda: is_free(_port(house)))
        line.write(last)
        head = await line.head()
        assert await stopping == 0, house.log()
    assert (head.status, head.headers["connection"]) == (303, "close"), house.log()
    assert "Traceback" not in house.log()
    line.close()
    await _still_signed_in(tmp_path, redis_url, head.headers["set-cookie"].partition(";")[0])


async def _register(house: Gatehouse) -> None:
    async with browser(house) as client:
        token = token_in((await client.get("/register")).text)
        assert (await client.post("/register", data={**FORM, "csrf_token": token})).status_code == 303


async def _begin_to_sign_in(house: Gatehouse, client: httpx.AsyncClient) -> tuple[Line, str]:
    """Send a sign-in but for its last character, which is returned; the server has read its head."""
    form = urlencode({**FORM, "csrf_token": token_in((await client.get("/login")).text)})
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
    line = Line(*await asyncio.open_connection("127.0.0.1", _port(house)))
    line.write(
        f"POST /login HTTP/1.1\r\nHost: {urlsplit(house.url).netloc}\r\nOrigin: {house.url}\r\nAccept: text/html\r\n"
        f"Cookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    assert (await line.head()).status == 100
    line.write(form[:-1])
    return line, form[-1]


async def _still_signed_in(folder: Path, redis_url: str, cookie: str) -> None:
    later = Gatehouse(folder, redis_url)
    try:
        async with browser(later) as again:
            assert (await again.get("/dashboard", headers={"Cookie": cookie})).status_code == 200
    finally:
        later.stop()


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def _port(house: Gatehouse) -> int:
    return urlsplit(house.url).port or 0


def _workers(house: Gatehouse) -> int:
    """Count the worker processes: the guard has started the parent, and the parent them."""
    [parent] = _children(house._process.pid)
    return len(_children(parent))


def _children(process: int) -> list[int]:
    """Give the processes that one has started; needs Linux's /proc."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
