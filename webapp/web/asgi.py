"""What is spoken by ASGI, as far as all outside Quart needs it; no server's own types, so that any server will do."""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Header = tuple[bytes, bytes]

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

EVENT_STREAM = b"text/event-stream"
END_OF_ANSWER: Message = {"type": "http.response.body", "body": b"", "more_body": False}

# Servers and frameworks spell scope and messages as typed dictionaries of their own, which no common type describes.
App = Callable[[Any, Any, Any], Awaitable[None]]
