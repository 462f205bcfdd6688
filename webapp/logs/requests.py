"""The request that is being answered, as far as the log tells of it.

The access log makes the record when a request comes in; whoever finds something out on the way fills it in; every line
that is written meanwhile carries it. It travels in a context variable, so that tasks begun by a request have it too.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from .scrubbing import spellings


@dataclass(slots=True)
class RequestRecord:
    """What the log says of one request.

    ``path`` has no query; ``address`` is the client's own, and empty until it is known or where there is none;
    ``account`` is the public id of who is signed in. ``secrets`` are texts that came with the request, in every
    spelling, and must not stand in any line of it, whoever writes them.
    """

    id: str
    method: str
    path: str
    address: str = ""
    account: str | None = None
    secrets: list[str] = field(default_factory=list, repr=False)

    def keep_out(self, secret: str) -> None:
        """Have this very text masked in all lines of the request from here on."""
        self.secrets.extend(spellings(secret))


_current: ContextVar[RequestRecord | None] = ContextVar("gatehouse_request", default=None)


@contextmanager
def recorded(request: RequestRecord) -> Iterator[None]:
    """Let every line that is written within belong to ``request``."""
    before = _current.set(request)
    try:
        yield
    finally:
        _current.reset(before)


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
