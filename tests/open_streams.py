"""Opens the stream of a page as its browser does, in this process, and reads what comes."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from asgi_calls import http_scope
from pages import Browser, Site

# Seconds until something that was told must have arrived; far more than it takes.
PATIENCE = 20
ACCEPT = "text/html, text/event-stream"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a stream: its name, empty where htmx takes it, what it says, and its other fields."""

    name: str
    data: str
    number: str = ""
    retry: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What it says, where that is JSON."""
        return dict(json.loads(self.data))


class OpenStream:
    """The stream of one page, from when it is opened."""

    def __init__(self, site: Site, browser: Browser, query: str = "", **headers: str) -> None:
        self.body = b""
        self.status = 0
        self.headers: dict[str, str] = {}
        self._left = asyncio.Event()
        self._came = asyncio.Event()
        self._asked = False
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        request = browser.client.build_request("GET", f"/session/events{query}", headers={"accept": ACCEPT, **spelled})
        scope = http_scope(
            request.url.raw_path,
            [(name.lower(), value) for name, value in request.headers.raw],
            scheme="https",
            client=("192.0.2.1", 50000),
        )
        self._task = asyncio.create_task(site.asgi(scope, self._receive, self._send))

    @property
    def has_ended(self) -> bool:
        """Whether the server has nothing more to say."""
        return self._task.done()

    @property
    def told(self) -> list[Told]:
        """The events that have come so far, without comments."""
        return [_read(block) for block in self.body.decode().split("\n\n") if block and block != ":"]

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [event.name for event in self.told]

    async def comes(self, name: str, times: int = 1) -> Told:
        """Wait until an event of that name has come so many times, and give the last of them."""
        await self._until(lambda: self.names.count(name) >= times)
        return [event for event in self.told if event.name == name][times - 1]

    async def ends(self) -> list[Told]:
        """Wait until the server has nothing more to say, and give what it has said."""
        await asyncio.wait_for(asyncio.shield(self._task), PATIENCE)
        return self.told

    async def begins(self) -> None:
        """Wait for the first byte."""
        await self._until(lambda: bool(self.body))

    async def leave(self) -> None:
        """Close the page."""
        self._left.set()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _until(self, condition: Any) -> None:  # noqa: ANN401 -- a question.
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._came.clear()
                await self._came.wait()

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        self.body += message.get("body", b"")
        self._came.set()


def _read(block: str) -> Told:
    fields: dict[str, list[str]] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(": ")
        if name:
            fields.setdefault(name, []).append(value)
    one = {name: "\n".join(values) for name, values in fields.items()}
    return Told(one.get("event", ""), one.get("data", ""), one.get("id", ""), one.get("retry", ""))
