"""The start page: what this is."""

from quart import Blueprint, Response

from webapp.web.guards import guest
from webapp.web.templating import page

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@guest
async def home() -> Response:
    """Show what this is; people who are signed in go to their dashboard."""
    return page("home/index.html")
