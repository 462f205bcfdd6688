"""The protected page: who you are, this session, and what it may do."""

from quart import Blueprint, Response

from webapp.web import identity
from webapp.web.faces import Face, as_json, face
from webapp.web.guards import confirmed_until
from webapp.web.templating import page

from .data import account_data, session_data

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
async def dashboard() -> Response:
    """Show the account and this session; all of it comes with the one look-up of the session (promise 7)."""
    here = identity.signed_in()
    if face() is Face.JSON:
        return as_json({**account_data(here.account), "session": session_data(here.session, current=True)})
    return page("account/dashboard.html", now=here.now, confirmed_until=confirmed_until())
