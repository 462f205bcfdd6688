"""The way in to one's own settings; each of their pages has a file of its own beside this one."""

from quart import Blueprint, Response

from webapp.web.faces import lead_to

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
async def settings() -> Response:
    """Lead to the first of them."""
    return lead_to("/settings/profile")
