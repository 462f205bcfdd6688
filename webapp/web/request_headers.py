"""The headers of a request, found by their names at once."""

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Any

from werkzeug.datastructures import Headers

from .asgi import Header

# Quart has the client's address in this one (TrustedProxies lets none of it in).
ADDRESS = b"remote-addr"


class RequestHeaders(Headers):
    """Werkzeug's headers, read-only in fact. Those look through all of their lines for each name, at up to 5 us.

    Nearly every name that is looked for, ten a page, is in no request of an ordinary browser; and of what is in one
    little is looked for, so that most is never decoded (8 us a page).
    """

    def __init__(self, lines: Iterable[Header], address: str) -> None:
        self._lines = [(ADDRESS, address.encode("latin-1")), *lines]
        # The first of several counts, as there.
        self._first = dict(reversed(self._lines))

    @cached_property
    def _list(self) -> list[tuple[str, str]]:  # type: ignore[override]  # Nobody writes to it.
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._lines]

    def get(  # type: ignore[override]  # Werkzeug's has four types of these arguments.
        self,
        key: str,
        default: Any = None,  # noqa: ANN401
        type: Callable[[str], Any] | None = None,  # noqa: A002
    ) -> Any:  # noqa: ANN401
        """Return the first value of a header, made by ``type`` where one is given."""
        if type is not None:
            return super().get(key, default, type)
        value = self._first.get(_name(key))
        return default if value is None else value.decode("latin-1")

    def getlist(self, key: str, type: Callable[[str], Any] | None = None) -> list[Any]:  # noqa: A002
        """Return all values of a header, those that ``type`` can make something of where one is given."""
        if type is not None:
            return super().getlist(key, type)
        name = _name(key)
        return [value.decode("latin-1") for other, value in self._lines if other == name]

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a header."""
        return isinstance(key, str) and _name(key) in self._first


# The code looks for a few dozen of them.
@lru_cache(maxsize=256)
def _name(key: str) -> bytes:
    return key.lower().encode("latin-1", "replace")
