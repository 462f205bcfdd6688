"""Who may come in: signed in, unless a route says otherwise by name.

The decorators only leave a mark on the handler; ``gate`` reads it before each request. So a route without any mark is
closed, and forgetting one harms nobody.
"""

from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, TypeVar

from quart import current_app, request
from quart_auth import Unauthorized

from webapp.errors import StoreUnavailable

from . import csrf
from .context import settings
from .faces import Face, face
from .identity import viewer
from .telling import tell_on_this_page

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])


class Access(Enum):
    """Whom a route is for."""

    MEMBERS = auto()
    RECENTLY_CONFIRMED = auto()
    GUESTS = auto()
    EVERYBODY = auto()


class AlreadySignedIn(Exception):
    """Somebody who is signed in came to a page for guests."""


class ConfirmationNeeded(Exception):
    """The password was confirmed too long ago for what is asked (ASVS 7.5.2)."""


def public(handler: Handler) -> Handler:
    """Open a route to everybody; such a page must not need a session."""
    return _mark(handler, Access.EVERYBODY)


def guest(handler: Handler) -> Handler:
    """Open a route to people who are not signed in; the others are sent to their own pages."""
    return _mark(handler, Access.GUESTS)


def recently_confirmed(handler: Handler) -> Handler:
    """Keep a route for people who confirmed their password within REAUTH_WINDOW."""
    return _mark(handler, Access.RECENTLY_CONFIRMED)


def asks_again(handler: Handler) -> Handler:
    """Promise that the handler, through its form, refuses a stale form token and shows what was typed again."""
    handler.asks_again = True  # type: ignore[attr-defined]  # A mark on a function, which has no type.
    return handler


def handler_of_request() -> Callable[..., Any] | None:
    """Return the handler that this request will go to; None for an unknown path or method."""
    endpoint = request.endpoint
    return None if endpoint is None else current_app.view_functions.get(endpoint)


def access_of(handler: Callable[..., Any]) -> Access:
    """Tell whom a handler is for."""
    return getattr(handler, "access", Access.MEMBERS)


async def admit(access: Access) -> None:
    """Let the request pass or raise Unauthorized, ConfirmationNeeded, AlreadySignedIn or StoreUnavailable."""
    match access:
        case Access.EVERYBODY:
            return
        case Access.GUESTS:
            await _admit_guest()
        case Access.MEMBERS:
            await _admit_member()
        case Access.RECENTLY_CONFIRMED:
            await _admit_member()
            if confirmed_until() is None:
                raise ConfirmationNeeded


def confirmed_until() -> int | None:
    """Return until when (Unix seconds) this session's password counts as confirmed; None when it does not."""
    resumed = viewer().known
    if resumed is None:
        return None
    until = resumed.session.confirmed + settings().reauth_window
    return until if resumed.now < until else None


async def _admit_member() -> None:
    if not await viewer().is_authenticated:
        raise Unauthorized


async def _admit_guest() -> None:
    # A sign-in form that was open before somebody signed in in another tab is honoured: the person typed it, and
    # the session that this browser has ends when the new one begins (promise 2).
    if csrf.is_unsafe() and face() is not Face.JSON:
        return
    if await _probably_signed_in():
        raise AlreadySignedIn
    # Only where a person will read it: what is told is not told again.
    if request.method == "GET" and face() is Face.PAGE:
        await tell_on_this_page()


async def _probably_signed_in() -> bool:
    try:
        return await viewer().is_authenticated
    except StoreUnavailable:
        # The page itself needs no session, so it is shown (promise 8).
        return False


def _mark(handler: Handler, access: Access) -> Handler:
    handler.access = access  # type: ignore[attr-defined]  # A mark, as above.
    return handler
