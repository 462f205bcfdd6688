"""Was this you? A sign-in on a new browser, and the button that says no, for whoever reads the mail of the account."""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.errors import DeadLink
from webapp.history import Origin
from webapp.shielding import shielded
from webapp.watch.not_me import Disowned, Doubted
from webapp.web import identity
from webapp.web.client import client_address, client_device
from webapp.web.context import services
from webapp.web.faces import Face, as_json, face, go
from webapp.web.forms.base import show_form
from webapp.web.forms.not_me import NotMeForm
from webapp.web.guards import asks_again, public
from webapp.web.limits import limited
from webapp.web.settling import settle
from webapp.web.visitor import notify

from .dead_links import dead_link
from .logout import gone

blueprint = Blueprint("not_me", __name__)

SIGNED_OUT = "That {which} is signed out."
SIGNED_OUT_SOON = "That {which} is signed out within minutes: a part of this site does not answer at the moment."
CHOOSE = "Somebody knows the password, so choose a new one now."
ASK = "If somebody may know the password, ask for a link to a new one now: it comes to the email that the account has."


@blueprint.get("/not-me/<token>")
@public
async def look(token: str) -> Response:
    """Show the sign-in; programs that look at mails open links, so nothing is changed by that."""
    form = NotMeForm().about(await _found(token))
    if face() is Face.JSON:
        return as_json(form.data_of_link)
    return show_form(form)


@blueprint.post("/not-me/<token>")
@public
@asks_again
@limited("not-me", at_once=True)
async def disown(token: str) -> Response:
    """End all sessions of that browser, forget it, and lead to a new password."""
    doubted = await _found(token)
    form = (await NotMeForm.submitted()).about(doubted)
    if not form.acceptable():
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    disowned, settled = await _disown(form, token)
    told = (SIGNED_OUT if settled else SIGNED_OUT_SOON).format(which=form.which)
    notify("success" if settled else "info", f"{told} {CHOOSE if disowned.reset else ASK}")
    # The link is used by now: whatever Redis does, this is the way on.
    response = go(_way_on(disowned), {"ended": settled, "next": _way_on(disowned)})
    if settled and form.ends_this:
        identity.forget()
        return gone(response)
    return response


@blueprint.errorhandler(DeadLink)
async def on_dead_link(_: DeadLink) -> Response:
    """Say what to do instead."""
    return await dead_link("not-me")


@shielded
async def _disown(form: NotMeForm, token: str) -> tuple[Disowned, bool]:
    """Say that it was somebody else, end their sessions, and tell whether the latter is done."""
    device = client_device().encode()
    address = client_address()
    origin = Origin("", device, address, services().places.place_of(address))
    disowned = await services().not_me.disown(token, origin)
    form.used()
    return disowned, await settle(disowned.entries)


def _way_on(disowned: Disowned) -> str:
    return f"/reset/{disowned.reset}" if disowned.reset else "/forgot"


async def _found(token: str) -> Doubted:
    await identity.look_who_is_here()
    return await services().not_me.find(token)
