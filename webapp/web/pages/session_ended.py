"""Where a page leads whose session is over: it says why, and has the way back in right there."""

from quart import Blueprint, Response, request

from webapp.errors import StoreUnavailable
from webapp.sessions.model import Look
from webapp.sessions.token import Token
from webapp.web import errors
from webapp.web.context import services
from webapp.web.error_words import WORDS
from webapp.web.faces import Face, as_json, face, go
from webapp.web.forms.again import EndedForm
from webapp.web.forms.base import show_form
from webapp.web.guards import public
from webapp.web.identity import claimed_token
from webapp.web.redirects import local_path
from webapp.web.telling import SILENCE, say_why_over
from webapp.web.visitor import Notice

blueprint = Blueprint("session_ended", __name__)


@blueprint.get("/session/ended")
@public
async def ended() -> Response:
    """Say why this browser's session is over, if it is, each time: every open tab of it turns to this page.

    ``next`` says where signing in leads to. The session is only looked at: a page that was led here by
    mistake goes on, and nobody has used anything by it.
    """
    next_path, token = local_path(request.args.get("next")), claimed_token()
    try:
        look = await services().sessions.peek(token) if token else None
    except StoreUnavailable:
        return await _not_known(next_path)
    if look is not None and look.session is not None and look.secret:
        return go(next_path, {"signed_in": True})
    form = EndedForm(next=next_path)
    form.why = await _why(token, look)
    if face() is Face.JSON:
        return as_json({"signed_in": False, "why": form.why.text})
    return show_form(form)


async def _why(token: Token | None, look: Look | None) -> Notice:
    # A session that lives without knowing this secret is somebody's who went on with a newer one.
    if token is None or look is None or look.session is not None:
        return SILENCE
    return await say_why_over(token, look)


async def _not_known(next_path: str) -> Response:
    """Say that nobody can tell; the cookie stays, and where it leads to will say it (promise 8)."""
    way_out = (next_path, "Try again")
    return await errors.answer(errors.ErrorAnswer(503, WORDS["unsure"], errors.STORE_RETRY, way_out=way_out))
