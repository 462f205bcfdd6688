"""Staying signed in: whoever is told that a session is about to end says that it is still used."""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.web import htmx, identity
from webapp.web.faces import Face, as_json, face, lead_to, see_other
from webapp.web.limits import unlimited
from webapp.web.redirects import HOME, current_page
from webapp.web.templating import fragment
from webapp.web.visitor import Notice, notify

from .data import session_data

blueprint = Blueprint("session_stay", __name__)

STAYING = Notice("success", "You stay signed in.")


@blueprint.get("/session/stay")
async def page() -> Response:
    """Lead to where one is at home from where the button is sent."""
    return lead_to(HOME)


@blueprint.post("/session/stay")
@unlimited("It does no more than opening any page does.")
async def stay() -> Response:
    """Slide the session, which the guard has done; the notice that asked for it goes."""
    if face() is Face.JSON:
        return as_json({"session": session_data(identity.signed_in().session, current=True)})
    if htmx.wants_fragment():
        return fragment("shared/_notices.html", HTTPStatus.OK, STAYING)
    notify(STAYING.kind, STAYING.text)
    return see_other(current_page())
