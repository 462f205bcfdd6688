"""Changing one's password, which signs out every other device."""

from http import HTTPStatus

from quart import Blueprint, Response, request
from quart_auth import Unauthorized

from webapp.errors import SamePassword, StoreUnavailable, WeakPassword, WrongCredentials
from webapp.outbox import Entry
from webapp.sessions.device import Device
from webapp.web import identity
from webapp.web.client import client_address, client_network
from webapp.web.confirming import WRONG
from webapp.web.context import services
from webapp.web.error_words import Words
from webapp.web.faces import go
from webapp.web.forms.base import show_form
from webapp.web.forms.passwords import PasswordForm
from webapp.web.guards import asks_again
from webapp.web.settling import stands_all_the_same
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
async def change() -> Response:
    """Change the password, end every other session, and give this one a new secret (promise 9)."""
    form = await PasswordForm.submitted()
    entries = await _change(form) if form.acceptable() else None
    if entries is None:
        return show_form(form, form.refusal)
    form.used()
    try:
        await _follow(entries)
    except StoreUnavailable as failure:
        return await stands_all_the_same(failure, ENDED_LATER, WAY_BACK)
    notify("success", CHANGED)
    return go(PATH, account_data(identity.signed_in().account))


async def _change(form: PasswordForm) -> list[Entry] | None:
    """Change the password as the form says and return what that owes, or put at its fields why not."""
    here = identity.signed_in()
    current, new = form.current.data or "", form.new.data or ""
    try:
        return await services().passwords.change(
            here.account.id, current, new, network=client_network(), keep=here.session.id, where=whereabouts()
        )
    except WrongCredentials:
        form.refuse("current", WRONG)
        form.refusal = HTTPStatus.UNAUTHORIZED
    except WeakPassword as weak:
        form.refuse("new", weak.reason)
    except SamePassword:
        form.refuse("new", SAME)
    return None


async def _follow(entries: list[Entry]) -> None:
    """Give this session a new secret and end the others; raises StoreUnavailable, and Unauthorized if it has ended."""
    try:
        # First of all: where it fails, what is owed is still owed, and ends this session with the others.
        await identity.renew()
    except Unauthorized:
        await services().deeds.settle(entries)
        notify("success", SIGNED_OUT_MEANWHILE)
        raise
    await services().deeds.settle(entries)


def whereabouts() -> str:
    """Return the device and the address that this request comes from, for a mail that tells of it."""
    device = Device.from_user_agent(request.headers.get("User-Agent", ""))
    return ", ".join(filter(None, (device.label, client_address())))
