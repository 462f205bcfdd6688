"""The end of which session this browser was told of last: a cookie of its own, which holds that session's public id.

It does not stand in the visitor's cookie. When a session ends, all tabs of its browser turn to the page that says why,
and the tab that somebody acted in is answered at the same moment with what its next page has to show. Two answers that
write one cookie undo each other's; by these nobody loses a word.
"""

from quart import after_this_request, request
from quart.typing import ResponseTypes

from .context import settings

COOKIE = "told"


def was_told_of(session_id: str) -> bool:
    """Tell whether this browser has heard why that session ended."""
    return request.cookies.get(settings().cookie_name(COOKIE)) == session_id


def note_told_of(session_id: str) -> None:
    """Note that it hears so by this answer. One is enough, as a browser has one session at a time."""
    if was_told_of(session_id):
        return

    @after_this_request
    async def send(response: ResponseTypes) -> ResponseTypes:
        here = settings()
        # Without an end, it ends with the browser. It is not signed: whoever bends it has only not to hear it again.
        response.set_cookie(
            here.cookie_name(COOKIE), session_id, path="/", secure=here.secure, httponly=True, samesite="Lax"
        )
        return response
