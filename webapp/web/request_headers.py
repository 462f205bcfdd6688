"""The headers of a request, found by their names at once."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.datastructures import Headers

from .asgi import Header

# Quart has the client's address in this one (TrustedProxies lets none of it in).
ADDRESS = "remote-addr"


class RequestHeaders(Headers):
    """Werkzeug's headers, read-only in fact. Those look through all of their lines for each name, at up to 5 us.

    Nearly every name that is looked for, ten a page, is in no request of an ordinary browser.
    """

    def __init__(self, lines: Iterable[Header], address: str) -> None:
        super().__init__()
        self._list = [(ADDRESS, address), *((name.decode("latin-1"), value.decode("latin-1")) for name, value in lines)]
        # The first of several counts, as there.
        self._first = dict(reversed(self._list))

    def get(  # type: ignore[override]  # Werkzeug's has four types of these arguments.
        self,
        key: str,
        default: Any = None,  # noqa: ANN401
        type: Callable[[str], Any] | None = None,  # noqa: A002
    ) -> Any:  # noqa: ANN401
        """Return the first value of a header, made by ``type`` where one is given."""
        if type is not None:
            return super().get(key, default, type)
        return self._first.get(key.lower(), default)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a header."""
        return isinstance(key, str) and key.lower() in self._first
