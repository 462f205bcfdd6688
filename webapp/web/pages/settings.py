"""The way in to one's own settings; each of their pages has a file of its own beside this one."""

from quart import Blueprint, Response

from webapp.web.faces import lead_to

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("")
@blueprint.get("/email")
@blueprint.get("/email/cancel")
@blueprint.get("/email/resend")
async def profile() -> Response:
    """Lead to the first of them, also from where its forms are sent.

    Without JavaScript a form that comes back stands at that address, which is then reloaded, or come back to.
    """
    return lead_to("/settings/profile")


@blueprint.get("/data/export")
@blueprint.get("/data/erase")
async def data() -> Response:
    """Lead to one's data from where its forms are sent."""
    return lead_to("/settings/data")


@blueprint.get("/sessions/end-others")
@blueprint.get("/sessions/end-unused")
@blueprint.get("/sessions/browsers/<browser>/end")
@blueprint.get("/sessions/<session_id>/end")
@blueprint.get("/sessions/<session_id>/name")
async def sessions(**_: str) -> Response:
    """Lead to the devices from where their forms are sent."""
    return lead_to("/settings/sessions")
