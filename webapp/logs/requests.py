"""The request that is being answered, as far as the log tells of it.

The access log makes the record when a request comes in; whoever finds something out on the way fills it in; every line
that is written meanwhile carries it. It travels in a context variable, so that tasks begun by a request have it too.
"""

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field

from .scrubbing import spellings


@dataclass(slots=True)
class RequestRecord:
    """What the log says of one request.

    ``path`` has no query; ``address`` is the client's own, and empty until it is known or where there is none;
    ``account`` is the public id of who is signed in. ``find_secrets`` returns the secrets that the request itself
    brought with it; it is asked at most once.
    """

    id: str
    method: str
    path: str
    address: str = ""
    account: str | None = None
    find_secrets: Callable[[], Iterable[str]] | None = field(default=None, repr=False)
    _secrets: list[str] = field(default_factory=list, init=False, repr=False)

    @property
    def secrets(self) -> Sequence[str]:
        """Texts that must not stand in any line of the request, whoever writes them, in every spelling."""
        # The line of the access log needs none of them, and few requests write another: so the secrets are looked for
        # when the first line does (4 us a page).
        if (find := self.find_secrets) is not None:
            self.find_secrets = None
            for secret in find():
                self.keep_out(secret)
        return self._secrets

    def keep_out(self, secret: str) -> None:
        """Have this very text masked in all lines of the request from here on."""
        self._secrets.extend(spellings(secret))


_current: ContextVar[RequestRecord | None] = ContextVar("gatehouse_request", default=None)


class recorded:  # noqa: N801  (Read as a sentence, as those of contextlib are.)
    """``with recorded(request):`` lets every line that is written within belong to ``request``."""

    __slots__ = ("_before", "_request")

    def __init__(self, request: RequestRecord) -> None:
        self._request = request
        self._before: Token[RequestRecord | None] | None = None

    def __enter__(self) -> None:
        """Begin."""
        self._before = _current.set(self._request)

    def __exit__(self, *_: object) -> None:
        """End, also after an exception, which goes on."""
        if self._before is not None:
            _current.reset(self._before)


def current_request() -> RequestRecord | None:
    """Return the record of the request that is being answered; None outside of one."""
    return _current.get()


def note_address(address: str) -> None:
    """Fill in the client's address, as the trusted proxies established it; nothing outside of a request."""
    if (request := _current.get()) is not None:
        request.address = address


def note_account(account_id: str) -> None:
    """Fill in who is signed in; nothing outside of a request."""
    if (request := _current.get()) is not None:
        request.account = account_id


def keep_out(secrets: Iterable[str]) -> None:
    """Have these very texts masked in all lines of the request from here on; nothing outside of a request."""
    if (request := _current.get()) is not None:
        for secret in secrets:
            request.keep_out(secret)
