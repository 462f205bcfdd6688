"""The types of ASGI, as far as the middleware outside Quart needs them; no server's own, so that any server will do."""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Header = tuple[bytes, bytes]

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Servers and frameworks spell scope and messages as typed dictionaries of their own, which no common type describes.
App = Callable[[Any, Any, Any], Awaitable[None]]
