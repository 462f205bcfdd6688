"""Confirming the password before something that cannot be undone."""

from http import HTTPStatus

from quart import Blueprint, Response, request
from quart_auth import Unauthorized

from webapp.errors import WrongCredentials
from webapp.web import identity
from webapp.web.client import client_network
from webapp.web.context import services
from webapp.web.faces import go
from webapp.web.forms.account import ConfirmForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again
from webapp.web.redirects import local_path

blueprint = Blueprint("confirmation", __name__)


@blueprint.get("/confirm")
async def form() -> Response:
    """Ask for the password; ``next`` says where it leads to."""
    return show_form(ConfirmForm(next=local_path(request.args.get("next"))))


@blueprint.post("/confirm")
@asks_again
async def confirm() -> Response:
    """Note that the password was confirmed now, and go back; what was wanted is then done by its own button."""
    form = await ConfirmForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    here = identity.signed_in()
    password = form.password.data or ""
    try:
        await services().accounts.confirm_password(here.account.id, password, network=client_network())
    except WrongCredentials:
        form.problem = "The password is not right."
        return show_form(form, HTTPStatus.UNAUTHORIZED)
    if not await services().sessions.confirm(here.account.id, here.session.id):
        # The session was ended from another device while the password was being checked.
        raise Unauthorized
    return go(local_path(form.next.data))
