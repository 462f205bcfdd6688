"""A forgotten password: asking for a link by mail, and choosing a new one with it."""

from contextlib import suppress
from http import HTTPStatus

from quart import Blueprint, Response

from webapp.accounts.model import Account
from webapp.errors import DeadLink, SamePassword, TooManyTries, WeakPassword
from webapp.outbox import Entry
from webapp.web import htmx, identity
from webapp.web.context import services, settings
from webapp.web.evenly import no_sooner_than
from webapp.web.faces import Face, as_json, face, go, problem
from webapp.web.forms.base import show_form
from webapp.web.forms.passwords import ForgotForm, ResetForm
from webapp.web.guards import asks_again, public
from webapp.web.settling import settle
from webapp.web.templating import fragment, page
from webapp.web.visitor import notify

from .dead_links import dead_link
from .passwords import ENDED_LATER, SAME, whereabouts

blueprint = Blueprint("recovery", __name__)

LOGIN = "/login"
# Seconds; well above what writing a line into SQL takes, so that no clock tells one answer from another.
SAME_TIME = 0.4

ON_ITS_WAY = "If there is an account with this email, a mail with a link is on its way."
NO_MAIL = "This site sends no mail. Ask whoever runs it for help with your password."
CHANGED = "Your password is changed, and every device is signed out. Sign in with the new one."
KEPT_BY_SIGNING_IN = "Your account is still to be erased; signing in keeps it."


@blueprint.get("/forgot")
@public
async def ask() -> Response:
    """Ask for an email; somebody who is signed in may have forgotten theirs as well."""
    here = await identity.look_who_is_here()
    return show_form(ForgotForm(email=here.account.email if here else None))


@blueprint.post("/forgot")
@public
@asks_again
async def send() -> Response:
    """Have a link sent to whoever has the email; every answer is the same, whether somebody has it or not."""
    await identity.look_who_is_here()
    if settings().mail_url is None:
        return _no_mail()
    form = await ForgotForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    async with no_sooner_than(SAME_TIME):
        # Who asks too often would learn from a refusal that somebody else has asked.
        with suppress(TooManyTries):
            await services().passwords.request_reset(form.email.data or "")
    return _sent(form)


@blueprint.get("/reset/<token>")
@public
async def choose(token: str) -> Response:
    """Ask for the new password; programs that look at mails open links, so nothing is changed by that."""
    form = ResetForm()
    await _find_account(form, token)
    return show_form(form)


@blueprint.post("/reset/<token>")
@public
@asks_again
async def reset(token: str) -> Response:
    """Set the new password, end every session of the account, and have the person sign in."""
    form = await ResetForm.submitted()
    account = await _find_account(form, token)
    entries = await _reset(form) if form.acceptable() else None
    if entries is None:
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if unsettled := await settle(entries, form, ENDED_LATER, (LOGIN, "Sign in")):
        return unsettled
    _forget_session_of(account)
    notify("success", f"{CHANGED} {KEPT_BY_SIGNING_IN if account.erase_at else ''}".strip())
    return go(LOGIN)


@blueprint.errorhandler(DeadLink)
async def on_dead_link(_: DeadLink) -> Response:
    """Offer a new one."""
    return await dead_link("reset")


def _no_mail() -> Response:
    if face() is Face.JSON:
        return problem(HTTPStatus.NOT_IMPLEMENTED, "No mail", NO_MAIL)
    return show_form(ForgotForm())


def _sent(form: ForgotForm) -> Response:
    if face() is Face.JSON:
        return as_json({"detail": ON_ITS_WAY}, HTTPStatus.ACCEPTED)
    if htmx.wants_fragment():
        return fragment("account/_forgotten.html", form=form)
    return page("account/forgotten.html", form=form)


async def _find_account(form: ResetForm, token: str) -> Account:
    """Tell the form whose password it sets; raises DeadLink."""
    await identity.look_who_is_here()
    form.token = token
    form.account = await services().passwords.find_reset(token)
    return form.account


async def _reset(form: ResetForm) -> list[Entry] | None:
    """Set the password that the form says and return what that owes, or put at its field why not."""
    try:
        return await services().passwords.reset(form.token, form.new.data or "", where=whereabouts())
    except WeakPassword as weak:
        form.refuse("new", weak.reason)
    except SamePassword:
        form.refuse("new", SAME)
    return None


def _forget_session_of(account: Account) -> None:
    """Take the cookie of a session away that has just ended; one of another account is none of our business."""
    token = identity.claimed_token()
    if token is not None and token.account_id == account.id:
        identity.forget()
