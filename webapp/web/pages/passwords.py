"""Changing one's password, which signs out every other device."""

from http import HTTPStatus

from quart import Blueprint, Response
from quart_auth import Unauthorized

from webapp.accounts.owed import Kept
from webapp.errors import SamePassword, StoreUnavailable, WeakPassword, WrongCredentials
from webapp.shielding import shielded
from webapp.web import identity
from webapp.web.browser import keep_browser
from webapp.web.client import client_of
from webapp.web.confirming import WRONG
from webapp.web.context import services
from webapp.web.error_words import Words
from webapp.web.faces import go
from webapp.web.forms.base import show_form
from webapp.web.forms.passwords import PasswordForm
from webapp.web.guards import asks_again
from webapp.web.limits import limited
from webapp.web.settling import left_for_later, settle, stands_all_the_same
from webapp.web.visitor import notify

from .data import account_data

PATH = "/settings/password"
blueprint = Blueprint("passwords", __name__)

CHANGED = "Your password is changed. Every other device is signed out."
SIGNED_OUT_MEANWHILE = "Your password is changed. Sign in with the new one."
SAME = "This is your password already; please choose another one."
# Where Redis is away by the time at which the new password stands.
ENDED_LATER = Words(
    "Your password is changed",
    "The new one counts from now on. A part of this site does not answer at the moment; as soon as it does, every "
    "device that is signed in is signed out.",
    "There is no need to do this again. Sign in with the new one when you are asked to.",
)
WAY_BACK = (PATH, "Back to your settings")


@blueprint.get(PATH)
async def form() -> Response:
    """Show the form."""
    return show_form(PasswordForm())


@blueprint.post(PATH)
@asks_again
@limited("password")
async def change() -> Response:
    """Change the password, end every other session, and give this one a new secret (promise 9)."""
    form = await PasswordForm.submitted()
    settled = await _try(form) if await _acceptable(form) else None
    if settled is None:
        return show_form(form, form.refusal)
    if not settled:
        return await stands_all_the_same(ENDED_LATER, WAY_BACK)
    notify("success", CHANGED)
    return go(PATH, account_data(identity.signed_in().account))


async def _acceptable(form: PasswordForm) -> bool:
    """Tell whether both fields are there; if not, the form says all that is wrong at once."""
    acceptable, new, here = form.acceptable(), form.new.data, identity.signed_in().account
    if acceptable or form.problem or not new:
        return acceptable
    if reason := await services().accounts.weakness(new, email=here.email, name=here.name):
        form.refuse("new", reason)
    return False


async def _try(form: PasswordForm) -> bool | None:
    """Change the password and tell whether what that owes is done, or put at the form's fields why nothing is."""
    try:
        return await _change(form)
    except WrongCredentials:
        form.refuse("current", WRONG)
        form.refusal = HTTPStatus.UNAUTHORIZED
    except WeakPassword as weak:
        form.refuse("new", weak.reason)
    except SamePassword:
        form.refuse("new", SAME)
    return None


@shielded
async def _change(form: PasswordForm) -> bool:
    """Change the password, give this session a new secret, end the others, and tell whether the last two are done.

    Raises Unauthorized, and the others are ended all the same, where this session has ended meanwhile.
    """
    account_id = identity.signed_in().account.id
    current, new, keep = form.current.data or "", form.new.data or "", _this_session()
    keep_known = None if identity.signed_in().session.shared else keep_browser
    client = client_of(identity.origin_for(account_id), keep_known)
    entries = await services().passwords.change(account_id, current, new, keep=keep, client=client)
    form.used()
    try:
        # First of all: where it fails, what is owed is still owed, and ends this session with the others.
        await identity.renew()
    except StoreUnavailable as failure:
        left_for_later(failure)
        return False
    except Unauthorized:
        if not await settle(entries):
            return False
        notify("success", SIGNED_OUT_MEANWHILE)
        raise
    return await settle(entries)


def _this_session() -> Kept:
    token = identity.claimed_token()
    if token is None:
        raise Unauthorized
    return Kept(token.session_id, token.secret_hash)
