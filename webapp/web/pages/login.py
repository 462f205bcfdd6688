"""Signing in."""

from http import HTTPStatus

from quart import Blueprint, Response, request

from webapp.deeds import snapshot_of
from webapp.errors import WrongCredentials
from webapp.web import signing_in
from webapp.web.faces import go
from webapp.web.forms.account import LoginForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again, guest
from webapp.web.limits import limited_elsewhere
from webapp.web.redirects import local_path

from .data import account_data, session_data

blueprint = Blueprint("login", __name__)

COUNTED = "throttle.SignInAttempts: a browser that the account knows has tries of its own, whatever its network does"


@blueprint.get("/login")
@guest
async def form() -> Response:
    """Show the sign-in form; ``next`` says where it leads to."""
    return show_form(LoginForm(next=local_path(request.args.get("next"), default="")))


@blueprint.post("/login")
@guest
@asks_again
@limited_elsewhere(COUNTED)
async def login() -> Response:
    """Sign in and go on to ``next``."""
    form = await LoginForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        account = await signing_in.check(form)
        started = await signing_in.begin(account, form)
    except WrongCredentials:
        form.problem = signing_in.WRONG
        return show_form(form, HTTPStatus.UNAUTHORIZED)
    displaced = [session_data(session, current=False) for session in started.displaced]
    return go(local_path(form.next.data), {**account_data(snapshot_of(account)), "displaced": displaced})
