"""A stream as it comes through nginx, line by line, for journeys that are about what is said on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from journeys.streams.watching import EVENTS
from playwright.async_api import BrowserContext

# Seconds for what is to come at once, and for a comment, of which there is one every 20.
PATIENCE, UNTIL_A_COMMENT = 20, 60
KIND = "text/event-stream"


@dataclass
class Heard:
    """What was said so far."""

    lines: AsyncIterator[str]
    answer: httpx.Response
    text: str = ""

    async def until(self, words: str, seconds: float = PATIENCE) -> None:
        """Listen until a line has these words."""
        async with asyncio.timeout(seconds):
            async for line in self.lines:
                self.text += f"{line}\n"
                if words in line:
                    return
        raise AssertionError(f"The stream has ended without {words!r}: {self.text}")

    async def until_comment(self) -> None:
        """Listen until a line says nothing."""
        async with asyncio.timeout(UNTIL_A_COMMENT):
            async for line in self.lines:
                self.text += f"{line}\n"
                if line.startswith(":"):
                    return
        raise AssertionError(f"The stream has ended: {self.text}")


@asynccontextmanager
async def listening(url: str, context: BrowserContext, query: str = "", **headers: str) -> AsyncIterator[Heard]:
    """Open the stream of a browser's session beside its pages."""
    cookies = {str(cookie.get("name")): str(cookie.get("value")) for cookie in await context.cookies()}
    async with (
        httpx.AsyncClient(base_url=url, cookies=cookies, timeout=UNTIL_A_COMMENT) as client,
        client.stream("GET", EVENTS + query, headers={"Accept": KIND, **headers}) as answer,
    ):
        yield Heard(answer.aiter_lines(), answer)
