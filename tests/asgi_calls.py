"""Calls an ASGI application with one request, without a server, and shows what it was given and what it answered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from webapp.settings import Settings
from webapp.web.asgi import App, Header, Message, Receive, Scope, Send
from webapp.web.forwarding import Forwarding
from webapp.web.proxies import TrustedProxies

HOST = b"gatehouse.test"
PUBLIC_URL = "https://gatehouse.test"
PEER = ("10.0.0.1", 40000)


def settings(**variables: str) -> Settings:
    """Return the settings of a production server at PUBLIC_URL, with some variables of one's own."""
    environ = {
        "APP_ENV": "production",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        "REDIS_URL": "redis://localhost",
        "DATABASE_URL": "sqlite:///test",
        "PUBLIC_URL": PUBLIC_URL,
    }
    return Settings.from_env(environ | variables)


def guarded(app: App, **variables: str) -> TrustedProxies:
    """Put the trusted proxies around an application, on a server with these settings."""
    chosen = settings(**variables)
    return TrustedProxies(app, chosen, Forwarding(chosen))


@dataclass
class Inside:
    """The application behind a middleware: remembers what reaches it, reads the body if told so, answers 200."""

    reads: bool = False
    scope: Scope | None = None
    body: bytes = b""
    headers: tuple[Header, ...] = ((b"content-type", b"text/plain"),)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        if self.reads:
            await self._read(receive)
        await send({"type": "http.response.start", "status": 200, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": b"inside"})

    async def _read(self, receive: Receive) -> None:
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)


@dataclass
class Answer:
    """What came back, message by message."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.messages).decode()


def http_scope(path: bytes = b"/", headers: Iterable[Header] = ((b"host", HOST),), **changes: Any) -> Scope:
    """Return the scope of a GET as a server makes it, with some of it changed."""
    raw_path, _, query = path.partition(b"?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": raw_path.decode(),
        "raw_path": raw_path,
        "query_string": query,
        "headers": list(headers),
        "client": PEER,
        **changes,
    }


async def call(app: App, scope: Scope, pieces: Iterable[bytes] = ()) -> Answer:
    """Send one request, its body in ``pieces``, and collect the answer."""
    answer = Answer()
    coming: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    coming += [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        answer.messages.append(message)

    await app(scope, receive, send)
    return answer
