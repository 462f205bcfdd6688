"""A forgotten password: asking for a link by mail, and choosing a new one with it."""

from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from quart import Blueprint, Response

from webapp.accounts.model import Account
from webapp.errors import DeadLink, SamePassword, TooManyTries, WeakPassword
from webapp.shielding import shielded
from webapp.web import htmx, identity
from webapp.web.browser import keep_browser
from webapp.web.client import client_network, client_of, client_origin
from webapp.web.context import services, settings
from webapp.web.evenly import no_sooner_than
from webapp.web.faces import Face, as_json, face, go, problem
from webapp.web.forms.base import show_form
from webapp.web.forms.passwords import ForgotForm, ResetForm
from webapp.web.guards import asks_again, public
from webapp.web.limits import limited
from webapp.web.redirects import HOME
from webapp.web.settling import settle, stands_all_the_same
from webapp.web.templating import fragment, page
from webapp.web.visitor import notify

from .dead_links import dead_link
from .logout import gone
from .passwords import ENDED_LATER, SAME

blueprint = Blueprint("recovery", __name__)

LOGIN = "/login"
# Seconds; well above what writing a line into SQL takes, so that no clock tells one answer from another.
SAME_TIME = 0.4

ON_ITS_WAY = "If there is an account with this email, a mail with a link is on its way."
NO_MAIL = "This site sends no mail. Ask whoever runs it for help with your password."


@blueprint.get("/forgot")
@public
async def ask() -> Response:
    """Ask for an email; somebody who is signed in may have forgotten theirs as well."""
    here = await identity.look_who_is_here()
    return show_form(ForgotForm(email=here.account.email if here else None))


@blueprint.post("/forgot")
@public
@asks_again
@limited("forgot")
async def send() -> Response:
    """Have a link sent to whoever has the email; every answer is the same, whether somebody has it or not."""
    await identity.look_who_is_here()
    if not settings().mail_is_sent:
        return _no_mail()
    form = await ForgotForm.submitted()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    async with no_sooner_than(SAME_TIME):
        # Who asks too often would learn from a refusal that somebody else has asked.
        with suppress(TooManyTries):
            await services().passwords.request_reset(form.email.data or "", network=client_network())
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
@limited("reset", at_once=True)
async def reset(token: str) -> Response:
    """Set the new password, end every session of the account, and have the person sign in."""
    form = await ResetForm.submitted()
    account = await _find_account(form, token)
    settled = await _try(form) if form.acceptable() else None
    if settled is None:
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if not settled:
        stands = replace(ENDED_LATER, title=f"{form.whose} password is changed")
        return await stands_all_the_same(stands, (LOGIN, "Sign in"))
    notify("success", form.done_words)
    # Somebody else who is signed in here stays so, and has nothing to sign in to.
    response = go(HOME if form.is_foreign else LOGIN)
    return gone(response) if identity.forget_session_of(account) else response


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


async def _try(form: ResetForm) -> bool | None:
    """Set the password and tell whether what that owes is done, or put at the form's field why nothing is."""
    try:
        return await _reset(form)
    except WeakPassword as weak:
        form.refuse("new", weak.reason)
    except SamePassword:
        form.refuse("new", SAME)
    return None


@shielded
async def _reset(form: ResetForm) -> bool:
    """Set the password, end every session, and tell whether the latter is done."""
    client = client_of(client_origin(), keep_browser)
    entries = await services().passwords.reset(form.token, form.new.data or "", client=client)
    form.used()
    return await settle(entries)
