"""Quart, with less done for each request: what it answers is the same."""

from functools import cached_property, lru_cache
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import urlsplit

from quart import Quart, Request
from quart.wrappers import BaseRequestWebsocket
from werkzeug.routing import MapAdapter

from webapp.settings import Settings

from .conversation import Conversation
from .path_matching import PathMap
from .visitor import VisitorCookie

# Hooks and handlers; a process has a hundred.
FUNCTIONS = 1024


class PageRequest(Request):
    """A request that works its blueprints out once; Quart asks for them before, in and after each handler."""

    @cached_property
    def blueprints(self) -> list[str]:
        """The names of the blueprints that the handler belongs to, the innermost first."""
        return super().blueprints


class Application(Quart):
    """The application, whose files and templates are served by others."""

    asgi_http_class = Conversation  # type: ignore[assignment]  # Its type tells of the server's own messages.
    request_class = PageRequest
    url_map_class = PathMap

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, static_folder=None, template_folder=None)
        self.session_interface = VisitorCookie()
        self._host = urlsplit(settings.public_url).netloc

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> MapAdapter | None:
        """Give what finds the handler of a request. Every one is for the host of PUBLIC_URL, so none is read (8 us)."""
        if request is None:
            return super().create_url_adapter(None)
        query = request.query_string.decode("latin-1")
        return MapAdapter(
            self.url_map, self._host, "/", "", request.scheme, request.path, request.method, query_args=query
        )

    def ensure_async(self, func: Any) -> Any:  # noqa: ANN401  # Quart's own says no more.
        """Give a function that can be awaited. That of our hooks and handlers is not looked at again (1 us each)."""
        return func if _is_asynchronous(func) else super().ensure_async(func)


@lru_cache(FUNCTIONS)
def _is_asynchronous(function: Any) -> bool:  # noqa: ANN401  # The same.
    return iscoroutinefunction(function)
