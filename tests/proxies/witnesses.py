"""What the site says of a client's address, in each place where it says it."""

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

from gatehouse import Gatehouse
from pages import Browser

# Seconds. A line is written when the answer is on its way, so it may come a moment later than the answer.
PATIENCE = 10.0
DEVICES = "/settings/sessions"


def new_id() -> str:
    """Return a request id that no other request has."""
    return uuid4().hex


async def addresses_on_page(browser: Browser) -> list[str]:
    """Return the addresses on the device page, this device's first."""
    page = await browser.get(DEVICES)
    assert page.status_code == 200, page.text
    return re.findall(r'<span class="address">([^<]*)</span>', page.text)


async def addresses_in_json(browser: Browser) -> list[str]:
    """Return the addresses that the device page tells a client that accepts only JSON."""
    listing = await browser.json("GET", DEVICES)
    assert listing.status_code == 200, listing.text
    return [session["address"] for session in listing.json()["sessions"]]


def lines(gatehouse: Gatehouse, about: str) -> list[dict[str, Any]]:
    """Return what the server has logged that holds this text; a line that is still being written is left out."""
    return [json.loads(line) for line in gatehouse.log().split("\n")[:-1] if about in line]


def logged_addresses(gatehouse: Gatehouse, about: str) -> set[str]:
    """Return the addresses in the access log's lines on one request or path."""
    return {line["address"] for line in lines(gatehouse, about) if "status" in line}


async def logged_address(gatehouse: Gatehouse, request_id: str) -> str:
    """Return the address in the access log's line on that request."""
    async with asyncio.timeout(PATIENCE):
        while not (found := logged_addresses(gatehouse, request_id)):  # noqa: ASYNC110  (Another process writes it.)
            await asyncio.sleep(0.01)
    [address] = found
    return address


def advice(gatehouse: Gatehouse) -> list[str]:
    """Return the sentences in which the server doubts its proxies."""
    return [line["message"] for line in lines(gatehouse, "webapp.web.proxy_advice")]
