"""Links that prove an email, or put a new one in the place of the account's.

Whoever has such a link reads the mail that it came in, and need not be signed in.
"""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.accounts.addresses import Opened
from webapp.accounts.model import Account
from webapp.errors import DeadLink, EmailTaken
from webapp.shielding import shielded
from webapp.web import identity
from webapp.web.client import client_origin
from webapp.web.context import services
from webapp.web.error_words import Words
from webapp.web.errors import ErrorAnswer, answer
from webapp.web.faces import Face, as_json, face, go, lead_to
from webapp.web.forms.base import show_form
from webapp.web.forms.email_links import ConfirmEmailForm
from webapp.web.guards import asks_again, public
from webapp.web.limits import limited
from webapp.web.settling import settle, stands_all_the_same
from webapp.web.visitor import notify

from .dead_links import dead_link
from .profile import PROFILE

LOGIN = "/login"
blueprint = Blueprint("email_links", __name__)

TAKEN = Words(
    "This address is not free any more",
    "This address is another account's by now, or was until a few days ago, so it could not become yours.",
    "Your account stays as it is. If the other one is yours as well, sign in there; if not, choose another address.",
)
SHOWN_SOON = "A part of this site does not answer at the moment, so not every page shows it yet."
NOTHING_TO_DO = "There is nothing left to do: that follows by itself."


@blueprint.get("/confirm-email/<token>")
@public
async def look(token: str) -> Response:
    """Say what the link would do; programs that look at mails open links, so nothing is changed by that."""
    form = ConfirmEmailForm().about(await _opened(token))
    if face() is Face.JSON:
        return as_json({**form.data_of_link, "changes": form.changes})
    return show_form(form)


@blueprint.post("/confirm-email/<token>")
@public
@asks_again
@limited("confirm-email", at_once=True)
async def confirm(token: str) -> Response:
    """Confirm an email, or change the account's to it."""
    opened = await _opened(token)
    form = (await ConfirmEmailForm.submitted()).about(opened)
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    account, settled = await _confirm(form, token)
    afterwards = PROFILE if identity.viewer().known else LOGIN
    if not settled:
        stands = Words(form.done_words, SHOWN_SOON, NOTHING_TO_DO)
        return await stands_all_the_same(stands, (afterwards, "Go on"))
    notify("success", form.done_words)
    return go(afterwards, {"email": account.email, "confirmed": True})


@blueprint.errorhandler(DeadLink)
async def on_dead_link(_: DeadLink) -> Response:
    """Calm somebody who has pressed twice, since what the link was for is so; offer others a new one."""
    here = identity.viewer().known
    if here is None or not here.account.confirmed or face() is Face.JSON:
        return await dead_link("confirm")
    notify("info", f"This link opens nothing any more. Your email is {here.account.email}, and it is confirmed.")
    return lead_to(PROFILE)


@blueprint.errorhandler(EmailTaken)
async def on_email_taken(_: EmailTaken) -> Response:
    """Say that somebody else was first; the account, and the link, stay as they are."""
    way_out = (PROFILE, "Go to your profile") if identity.viewer().known else (LOGIN, "Sign in")
    return await answer(ErrorAnswer(HTTPStatus.CONFLICT, TAKEN, way_out=way_out))


@shielded
async def _confirm(form: ConfirmEmailForm, token: str) -> tuple[Account, bool]:
    """Do what the link is for; give the account as it is now, and whether every page shows it so."""
    account, entries = await services().addresses.confirm(token, client_origin())
    form.used()
    return account, await settle(entries)


async def _opened(token: str) -> Opened:
    await identity.look_who_is_here()
    return await services().addresses.find(token)
