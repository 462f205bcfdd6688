"""Confirming the password before something that cannot be undone."""

from http import HTTPStatus

from quart import Blueprint, Response, request

from webapp.errors import WrongCredentials
from webapp.web import confirming
from webapp.web.faces import go
from webapp.web.forms.account import ConfirmForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again
from webapp.web.limits import limited
from webapp.web.redirects import local_path
from webapp.web.templating import fragment
from webapp.web.visitor import Notice

blueprint = Blueprint("confirmation", __name__)

CONFIRMED = Notice("success", "Confirmed. Press the button again.")


@blueprint.get("/confirm")
async def form() -> Response:
    """Ask for the password; ``next`` says where it leads to."""
    return show_form(ConfirmForm(next=local_path(request.args.get("next"))))


@blueprint.post("/confirm")
@asks_again
@limited("password")
async def confirm() -> Response:
    """Note that the password was confirmed now, and go back; what was wanted is then done by its own button."""
    form = await ConfirmForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        await confirming.confirm(form.password.data or "")
    except WrongCredentials:
        form.problem = confirming.WRONG
        return show_form(form, HTTPStatus.UNAUTHORIZED)
    if form.over_page:
        # The dialog closes, and the button that was pressed has the focus again.
        return fragment("shared/_notices.html", HTTPStatus.OK, CONFIRMED)
    return go(local_path(form.next.data))
