"""A browser that hangs up in the middle of a request."""

import asyncio

from pages import Browser, Site

from webapp.shielding import settle
from webapp.web.asgi import Message


class Line:
    """A connection over which one request was sent, and that can be cut."""

    def __init__(self, site: Site, browser: Browser, path: str, fields: dict[str, str]) -> None:
        request = browser.client.build_request("POST", path, data={"csrf_token": browser.token, **fields})
        self.answers: list[Message] = []
        self._body: bytes = request.content
        self._sent = False
        self._cut = asyncio.Event()
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("192.0.2.1", 50000),
        }
        self._handled = asyncio.ensure_future(site.asgi(scope, self._receive, self._send))

    async def cut(self) -> None:
        """Hang up, and wait for the handler and for the writes that it began."""
        await self.hang_up()
        await settle()

    async def hang_up(self) -> None:
        """Hang up, and wait for the handler alone."""
        self._cut.set()
        await self._handled

    async def _receive(self) -> Message:
        if self._sent:
            await self._cut.wait()
            return {"type": "http.disconnect"}
        self._sent = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Message) -> None:
        self.answers.append(message)
