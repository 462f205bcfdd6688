"""Signing in."""

from http import HTTPStatus

from quart import Blueprint, Response, request

from webapp.deeds import snapshot_of
from webapp.errors import WrongCredentials
from webapp.web import identity
from webapp.web.client import client_network
from webapp.web.context import services
from webapp.web.faces import go
from webapp.web.forms.account import LoginForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again, guest
from webapp.web.redirects import local_path

from .data import account_data

blueprint = Blueprint("login", __name__)

# One sentence for an unknown email and a wrong password (promise 11).
WRONG = "The email or the password is not right."


@blueprint.get("/login")
@guest
async def form() -> Response:
    """Show the sign-in form; ``next`` says where it leads to."""
    return show_form(LoginForm(next=local_path(request.args.get("next"), default="")))


@blueprint.post("/login")
@guest
@asks_again
async def login() -> Response:
    """Sign in and go on to ``next``."""
    form = await LoginForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    email, password = form.email.data or "", form.password.data or ""
    try:
        account = await services().accounts.authenticate(email, password, network=client_network())
        await identity.sign_in(account, remember=form.remember.data, method="password")
    except WrongCredentials:
        form.problem = WRONG
        return show_form(form, HTTPStatus.UNAUTHORIZED)
    return go(local_path(form.next.data), account_data(snapshot_of(account)))
