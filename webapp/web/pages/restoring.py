"""The way back to an email that somebody else has changed, for whoever reads the mail of the old one."""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.accounts.addresses import Opened
from webapp.accounts.model import Account
from webapp.errors import DeadLink, EmailTaken
from webapp.shielding import shielded
from webapp.web import identity
from webapp.web.client import client_origin
from webapp.web.context import services, settings
from webapp.web.error_words import UNCHANGED, Words
from webapp.web.errors import ErrorAnswer, answer
from webapp.web.faces import Face, as_json, face, go
from webapp.web.forms.base import show_form
from webapp.web.forms.email_links import RestoreEmailForm
from webapp.web.guards import asks_again, public
from webapp.web.limits import limited
from webapp.web.settling import settle, stands_all_the_same
from webapp.web.visitor import notify

from .dead_links import dead_link
from .logout import gone

LOGIN = "/login"
blueprint = Blueprint("restoring", __name__)

TAKEN = Words(
    "This address is not free any more",
    "This address has another account by now, so it could not become that of this one again.",
    f"{UNCHANGED} Please write to whoever runs this site.",
)
NO_MAIL = Words(
    "This site sends no mail at the moment",
    "You would need a link to a new password, and no mail could bring it.",
    f"{UNCHANGED} Please write to whoever runs this site.",
)
SIGNED_OUT_SOON = "The old password works no more, and every device is signed out within minutes."


@blueprint.get("/restore-email/<token>")
@public
async def look(token: str) -> Response:
    """Say what the link would do; programs that look at mails open links, so nothing is changed by that."""
    form = RestoreEmailForm().about(await _opened(token))
    if face() is Face.JSON:
        return as_json(form.data_of_link)
    return show_form(form)


@blueprint.post("/restore-email/<token>")
@public
@asks_again
@limited("restore-email", at_once=True)
async def restore(token: str) -> Response:
    """Bring the address back, and let nobody into the account but whoever reads its mail."""
    # Without the mail that brings a new password, its owner would be shut out as well.
    if not settings().mail_is_sent:
        return await answer(ErrorAnswer(HTTPStatus.CONFLICT, NO_MAIL))
    opened = await _opened(token)
    form = (await RestoreEmailForm.submitted()).about(opened)
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    account, settled = await _restore(form, token)
    if not settled:
        stands = Words(form.done_words, SIGNED_OUT_SOON, form.link_words)
        return await stands_all_the_same(stands, (LOGIN, "Sign in"))
    notify("success", f"{form.done_words} Every device is signed out. {form.link_words}")
    response = go(LOGIN, {"email": account.email})
    return gone(response) if identity.forget_session_of(account) else response


@blueprint.errorhandler(DeadLink)
async def on_dead_link(_: DeadLink) -> Response:
    """Say what to do instead."""
    return await dead_link("restore")


@blueprint.errorhandler(EmailTaken)
async def on_email_taken(_: EmailTaken) -> Response:
    """Say that the address has gone to somebody else."""
    return await answer(ErrorAnswer(HTTPStatus.CONFLICT, TAKEN))


@shielded
async def _restore(form: RestoreEmailForm, token: str) -> tuple[Account, bool]:
    """Bring the address back and end every session; give the account as it is now, and whether the latter is done."""
    account, entries = await services().addresses.restore(token, client_origin())
    form.used()
    return account, await settle(entries)


async def _opened(token: str) -> Opened:
    await identity.look_who_is_here()
    return await services().addresses.find_restore(token)
