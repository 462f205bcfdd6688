"""What every request passes before its handler.

In this order: origin, the whole of the body, guard, form token, limit.
"""

from collections.abc import Callable
from typing import Any

from quart import g

from webapp import deadline

from . import csrf, limits
from .bodies import read_fields
from .guards import Access, access_of, admit, handler_of_request
from .identity import claimed_token


class StaleForm(Exception):
    """A form carries no token of this browser: it was open since before a sign-in or sign-out, or is forged."""


async def pass_gate() -> None:
    """Check a request; raises what ``errors`` turns into an answer. Unknown paths are left to the router's 404."""
    deadline.begin()
    handler = handler_of_request()
    if handler is None:
        return
    unsafe = csrf.is_unsafe()
    if unsafe:
        csrf.check_origin()
        # A body may take as long as its sender likes, up to BODY_SECONDS, and its session may be ended meanwhile: so
        # whether that lives is asked afterwards. And one that is oversized or unreadable is refused everywhere alike.
        await read_fields()
    access = access_of(handler)
    await admit(access)
    if unsafe:
        await _pass_as_unsafe(handler, access)


async def _pass_as_unsafe(handler: Callable[..., Any], access: Access) -> None:
    """Check the form token, and how often such a request may come; one without a token does nothing, nor counts."""
    asks_again = getattr(handler, "asks_again", False)
    if await _token_is_good(access):
        await limits.count(handler, asks_again=asks_again)
    elif asks_again:
        g.stale_form = True
    else:
        raise StaleForm


async def _token_is_good(access: Access) -> bool:
    # Without a session there is nothing that a forged sign-out could abuse; pressing it twice is harmless.
    if access is Access.EVERYBODY and claimed_token() is None:
        return True
    of_session = access in {Access.MEMBERS, Access.RECENTLY_CONFIRMED}
    return await csrf.has_valid_token(of_session=of_session)
