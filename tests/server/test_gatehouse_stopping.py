"""The real application under the operator's command: a sign-in that is under way at the end is finished, and holds."""

import asyncio
from pathlib import Path

import httpx
import pytest
from gatehouse import Gatehouse
from pages import PASSWORD, token_in

FORM = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}


def browser(house: Gatehouse) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=house.url, headers={"Origin": house.url, "Accept": "text/html"})


async def post(client: httpx.AsyncClient, path: str) -> httpx.Response:
    page = await client.get(path)
    return await client.post(path, data={**FORM, "csrf_token": token_in(page.text)})


@pytest.mark.parametrize("processes", ["1", "3"])
async def test_sign_in_under_way_is_finished_and_holds(tmp_path: Path, redis_url: str, processes: str):
    house = Gatehouse(tmp_path, redis_url, WEB_CONCURRENCY=processes)
    async with browser(house) as here, browser(house) as there:
        assert (await post(here, "/register")).status_code == 303
        form = {**FORM, "csrf_token": token_in((await there.get("/login")).text)}
        # Checking the password takes a fifth of a second.
        signing_in = asyncio.create_task(there.post("/login", data=form))
        await asyncio.sleep(0.05)
        assert not signing_in.done()
        status = await asyncio.to_thread(house.stop)
        signed_in = await signing_in
    assert (signed_in.status_code, signed_in.headers["connection"]) == (303, "close")
    assert status == 0, house.log()
    assert "Traceback" not in house.log()
    await _still_signed_in(tmp_path, redis_url, there.cookies)


async def _still_signed_in(folder: Path, redis_url: str, cookies: httpx.Cookies) -> None:
    later = Gatehouse(folder, redis_url)
    try:
        async with browser(later) as again:
            again.cookies = cookies
            assert (await again.get("/dashboard")).status_code == 200
    finally:
        later.stop()
