"""Signing in again over the page: the session is over or about to be, and what was typed there stays."""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.accounts.model import Account
from webapp.deeds import snapshot_of
from webapp.errors import WrongCredentials
from webapp.sessions.model import AccountSnapshot, Session
from webapp.web import csrf, htmx, identity, signing_in
from webapp.web.context import services
from webapp.web.faces import Face, face, go, see_other
from webapp.web.forms.again import AgainForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again, guest, public
from webapp.web.limits import limited_elsewhere
from webapp.web.redirects import HOME, login_address
from webapp.web.templating import fragment
from webapp.web.visitor import Notice

from .data import account_data
from .login import COUNTED
from .session_events import HERE, facts_of

blueprint = Blueprint("session_again", __name__)

SIGNED_IN = Notice("success", "You are signed in again.")
# Nothing that one can type leads here: another tab does.
ANOTHER = (
    "Somebody else has signed in on this browser meanwhile, or this email is another account's now. "
    "Load the page again."
)


@blueprint.get("/session/again")
@public
async def blank() -> Response:
    """Give the form to a page whose session is over or about to be; the page knows whose it is.

    Whoever opens the address goes to where one signs in, or is already. The session is only looked at.
    """
    if face() is not Face.PAGE:
        return show_form(AgainForm())
    token = identity.claimed_token()
    lives = token is not None and (await services().sessions.peek(token)).session is not None
    return see_other(HOME if lives else login_address(HOME))


@blueprint.post("/session/again")
@guest
@asks_again
@limited_elsewhere(COUNTED)
async def again() -> Response:
    """Sign in as the account that the page was made for; where another tab was faster, that is enough."""
    form = await AgainForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if _is_of_another(form):
        return _refused(form, ANOTHER, HTTPStatus.FORBIDDEN)
    here = await identity.viewer().resume()
    if here is not None and form.session.data and here.session.id != form.session.data:
        # The page's session was another one: this browser has signed in since, and so this answer tells it nothing new.
        return _here(here.account, here.session)
    try:
        # That an email is of another account is told as a wrong password is: else the right one could be told from it.
        return await _begin(await signing_in.check(form, form.account.data or ""), form)
    except WrongCredentials:
        return _refused(form, signing_in.WRONG, HTTPStatus.UNAUTHORIZED)


def _is_of_another(form: AgainForm) -> bool:
    """Whether somebody else has used this browser since the page was made; nobody's password is asked for then."""
    token = identity.claimed_token()
    return token is not None and bool(form.account.data) and token.account_id != form.account.data


async def _begin(account: Account, form: AgainForm) -> Response:
    started = await signing_in.begin(account, form)
    return _here(snapshot_of(account), started.session)


def _refused(form: AgainForm, problem: str, status: HTTPStatus) -> Response:
    form.problem = problem
    return show_form(form, status)


def _here(account: AccountSnapshot, session: Session) -> Response:
    """Tell the page which session it is now in; the dialog over it closes then."""
    if face() is not Face.HTMX:
        return go(HOME, account_data(account))
    told = fragment("shared/_notices.html", HTTPStatus.OK, SIGNED_IN)
    return htmx.tell_page(
        told, HERE, facts_of(account.id, session.id, csrf.session_token(session.id), shared=session.shared)
    )
