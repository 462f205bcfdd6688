"""Signing in."""

from http import HTTPStatus

from quart import Blueprint, Response, request

from webapp import words
from webapp.deeds import snapshot_of
from webapp.errors import WrongCredentials
from webapp.sessions.model import Started
from webapp.web import identity
from webapp.web.browser import shown_browser
from webapp.web.client import client_device, client_network
from webapp.web.context import services, settings
from webapp.web.faces import go
from webapp.web.forms.account import LoginForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again, guest
from webapp.web.limits import limited_elsewhere
from webapp.web.redirects import local_path
from webapp.web.visitor import notify

from .data import account_data, session_data

blueprint = Blueprint("login", __name__)

# One sentence for an unknown email and a wrong password (promise 11).
WRONG = "The email or the password is not right."
DISPLACED = "An account may have {limit} sign-ins at a time, so the one unused for longest ended: {which}."
TIDY = ("/settings/sessions", "Tidy up your devices")


@blueprint.get("/login")
@guest
async def form() -> Response:
    """Show the sign-in form; ``next`` says where it leads to."""
    return show_form(LoginForm(next=local_path(request.args.get("next"), default="")))


@blueprint.post("/login")
@guest
@asks_again
@limited_elsewhere(
    "throttle.SignInAttempts: a browser that the account knows has tries of its own, whatever its network does"
)
async def login() -> Response:
    """Sign in and go on to ``next``."""
    form = await LoginForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    email, password = form.email.data or "", form.password.data or ""
    try:
        account = await services().accounts.authenticate(
            email, password, network=client_network(), browser=shown_browser(), device=client_device().label
        )
        started = await identity.sign_in(
            account, remember=form.remember.data, shared=form.shared.data, method="password"
        )
    except WrongCredentials:
        form.problem = WRONG
        return show_form(form, HTTPStatus.UNAUTHORIZED)
    _tell_of(started)
    displaced = [session_data(session, current=False) for session in started.displaced]
    return go(local_path(form.next.data), {**account_data(snapshot_of(account)), "displaced": displaced})


def _tell_of(started: Started) -> None:
    """Name the session that had to go for this one: its owner may miss it, and may not have known of the limit."""
    if not started.displaced:
        return
    first, *others = started.displaced
    label = f"{first.name} ({first.device.label})" if first.name else first.device.label
    more = f", and {len(others)} more" if others else ""
    seen = words.ago(first.seen, started.now)
    notify("info", DISPLACED.format(limit=settings().session_limit, which=f"{label}, last seen {seen}{more}"), TIDY)
