"""Addresses that browsers and password managers know by heart."""

from quart import Blueprint, Response

from webapp.web.faces import see_other
from webapp.web.guards import public

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/.well-known/change-password")
@public
async def change_password() -> Response:
    """Lead to where a password is changed (W3C, A Well-Known URL for Changing Passwords)."""
    return see_other("/settings/password")
