"""Signing out: here, or everywhere."""

from quart import Blueprint, Response

from webapp.sessions.model import Cause
from webapp.web import identity
from webapp.web.context import services
from webapp.web.faces import go
from webapp.web.guards import public, recently_confirmed
from webapp.web.limits import unlimited
from webapp.web.visitor import notify

blueprint = Blueprint("logout", __name__)

AFTERWARDS = "/login"


@blueprint.post("/logout")
@public
@unlimited("Nobody may be kept from leaving.")
async def logout() -> Response:
    """End this session; answers the same when it was dead already."""
    await identity.sign_out()
    notify("success", "You are signed out.")
    return gone(go(AFTERWARDS))


@blueprint.post("/logout-all")
@recently_confirmed
@unlimited("The same.")
async def logout_everywhere() -> Response:
    """End every session of the account, this one too."""
    here = identity.signed_in()
    # Not by a name of one's own, as on the device page.
    await services().sessions.end_all(here.account.id, Cause("elsewhere", here.session.device.label))
    identity.forget()
    notify("success", "You are signed out everywhere.")
    return gone(go(AFTERWARDS))


def gone(response: Response) -> Response:
    """Have the browser of somebody who is not signed in any more forget what pages may have stored."""
    # Not "cache", which stalls Chrome for seconds, and not "cookies", which would take the browser's notices with it;
    # nothing signed-in is ever cached, and our cookie is deleted by name.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
