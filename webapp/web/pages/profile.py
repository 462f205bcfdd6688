"""The profile: one's name, and one's email."""

from http import HTTPStatus
from typing import Any

from quart import Blueprint, Response
from quart_auth import Unauthorized

from webapp import words
from webapp.accounts.links import Link
from webapp.accounts.model import Account
from webapp.deeds import snapshot_of
from webapp.errors import SameEmail, TooManyTries
from webapp.shielding import shielded
from webapp.web import htmx, identity
from webapp.web.confirming import password_given
from webapp.web.context import services, settings
from webapp.web.countdown import wait_in_words
from webapp.web.error_words import UNCHANGED, Words
from webapp.web.errors import ErrorAnswer, answer
from webapp.web.faces import Face, as_json, face, go, see_other
from webapp.web.forms.base import show_form
from webapp.web.forms.profile import EmailForm, NameForm
from webapp.web.guards import asks_again
from webapp.web.limits import limited
from webapp.web.redirects import current_page
from webapp.web.settling import settle, stands_all_the_same
from webapp.web.templating import fragment, page
from webapp.web.visitor import Kind, Notice, notify

from .data import account_data

PROFILE = "/settings/profile"
blueprint = Blueprint("profile", __name__)

SAME = "This is your email already."
CONFIRMED = "Your email is confirmed already."
RENAMED = Words(
    "Your new name is kept",
    "A part of this site does not answer at the moment, so not every page shows it yet.",
    "There is nothing left to do: that follows by itself.",
)
NO_MAIL = Words("This site sends no mail", "So your email can be neither confirmed nor changed here.", UNCHANGED)


@blueprint.get(PROFILE)
async def profile() -> Response:
    """Show the name, the email, and whether another email waits for its link to be used."""
    form = NameForm(name=identity.signed_in().account.name)
    form.pending = await _pending()
    if face() is Face.JSON:
        return as_json(_data(form.pending))
    return page("settings/profile.html", HTTPStatus.OK, **form.context())


@blueprint.post(PROFILE)
@asks_again
@limited("acts")
async def rename() -> Response:
    """Change the name, which every session's next page shows."""
    form = await NameForm.submitted()
    form.pending = await _pending()
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    account, settled = await _rename(form)
    if not settled:
        return await stands_all_the_same(RENAMED, (PROFILE, "Back to your profile"))
    notify("success", f"You are now called {account.name}.")
    return go(PROFILE, account_data(snapshot_of(account)))


@shielded
async def _rename(form: NameForm) -> tuple[Account, bool]:
    """Change the name; give the account as it is now, and whether every page shows it so."""
    account_id = identity.signed_in().account.id
    renamed = await services().accounts.rename(account_id, form.name.data or "", identity.origin_for(account_id))
    if renamed is None:
        raise Unauthorized
    account, entries = renamed
    form.used()
    return account, await settle(entries)


@blueprint.post("/settings/email")
@asks_again
@limited("password")
async def change() -> Response:
    """Send a link to a new address; the email changes when it is used."""
    if not settings().mail_is_sent:
        return await _no_mail()
    form = await EmailForm.submitted()
    form.pending = await _pending()
    if not form.acceptable() or not await password_given(form):
        return show_form(form, form.refusal)
    here, email = identity.signed_in().account, form.email.data or ""
    try:
        await services().addresses.request_change(here.id, email)
    except SameEmail:
        form.refuse("email", SAME)
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooManyTries as error:
        return _asked_lately(form, error.wait)
    form.used()
    # What that means stands on the page, beside the address that waits.
    return await _done("success", f"We sent a link to {email}.")


@blueprint.post("/settings/email/cancel")
@limited("acts")
async def cancel() -> Response:
    """Let the email stay as it is, whatever happens with the link that was sent."""
    here = identity.signed_in().account
    await services().addresses.cancel_change(here.id)
    return await _done("success", f"Your email stays {here.email}. The link that we sent opens nothing any more.")


@blueprint.post("/settings/email/resend")
@limited("resend")
async def resend() -> Response:
    """Send the link once more that proves the email; the banner on every page asks for it."""
    if not settings().mail_is_sent:
        return await _no_mail()
    here = identity.signed_in().account
    try:
        sent = await services().addresses.resend(here.id)
    except TooManyTries as error:
        return await answer(_sent_lately(here.email, error.wait))
    notice = Notice("success", f"We sent a link to {here.email}.") if sent else Notice("info", CONFIRMED)
    if face() is Face.JSON:
        return as_json({"sent": sent, "email": here.email})
    if htmx.wants_fragment():
        return fragment("shared/_notices.html", HTTPStatus.OK, notice)
    notify(notice.kind, notice.text)
    return see_other(current_page())


def _asked_lately(form: EmailForm, wait: int) -> Response:
    form.refuse("email", f"We sent a link not long ago. You can ask for the next one {wait_in_words(wait)}.")
    form.wait = wait
    response = show_form(form, HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(wait)
    return response


def _sent_lately(email: str, wait: int) -> ErrorAnswer:
    said = f"We sent a link to {email} not long ago. You can ask for the next one {wait_in_words(wait)}."
    way_out = (current_page(), "Go back")
    hint = "Mails sometimes end up in a folder for spam."
    return ErrorAnswer(HTTPStatus.TOO_MANY_REQUESTS, Words("Already sent", said, hint), wait, way_out)


async def _no_mail() -> Response:
    return await answer(ErrorAnswer(HTTPStatus.CONFLICT, NO_MAIL, way_out=(PROFILE, "Back to your profile")))


async def _done(kind: Kind, said: str) -> Response:
    if face() is Face.JSON:
        return as_json(_data(await _pending()))
    notify(kind, said)
    return go(PROFILE)


async def _pending() -> Link | None:
    return await services().addresses.pending(identity.signed_in().account.id)


def _data(pending: Link | None) -> dict[str, Any]:
    waiting = pending and {"email": pending.email, "expires": words.iso(int(pending.expires.timestamp()))}
    return {**account_data(identity.signed_in().account), "pending": waiting}
