"""The device list: every place where one is signed in, and putting any of them out at once."""

from dataclasses import dataclass
from http import HTTPStatus

from quart import Blueprint, Response

from webapp import words
from webapp.sessions.model import Listing, Session
from webapp.web import htmx, identity
from webapp.web.context import services
from webapp.web.faces import Face, as_json, face, problem, see_other
from webapp.web.forms.base import show_faults
from webapp.web.forms.sessions import NameForm
from webapp.web.guards import asks_again, recently_confirmed
from webapp.web.templating import fragment, page
from webapp.web.visitor import Kind, Notice, notify

from .data import session_data
from .logout import logout

LIST = "/settings/sessions"
blueprint = Blueprint("sessions", __name__, url_prefix=LIST)

GONE = "That device was not signed in any more, so there was nothing to do."
# Says less: the list was looked at, and nothing waited until no failover can bring the device back.
NOT_LISTED = "That device is not in the list any more."
HEADING = "sessions-heading"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list; ``name_form`` only where a new name was refused."""

    session: Session
    current: bool
    name_form: NameForm | None


@blueprint.get("")
async def devices() -> Response:
    """Show where the account is signed in."""
    listing = await _listing()
    if face() is Face.JSON:
        return as_json({"sessions": [session_data(row.session, current=row.current) for row in _rows(listing)]})
    return _show(listing)


@blueprint.post("/<session_id>/end")
@recently_confirmed
async def end(session_id: str) -> Response:
    """End one session of the account; one's own current one is signing out."""
    here = identity.signed_in()
    if session_id == here.session.id:
        return await logout()
    # For words and focus alone. That a session is gone for good only the act itself can say: a primary that is being
    # replaced may have ended what lives on the next one.
    before = [row.session for row in _rows(await _listing())]
    if not await services().sessions.end(here.account.id, session_id):
        return await _not_there()
    place = next((place for place, session in enumerate(before) if session.id == session_id), len(before))
    label = next((session.name or session.device.label for session in before[place:]), "that device")
    # Whoever goes through a long list by keyboard stays in place.
    focus = next((f"session-{following.id}" for following in before[place + 1 :]), HEADING)
    return await _done(f"Signed out: {label}.", {"ended": 1}, focus=focus)


@blueprint.post("/end-others")
@recently_confirmed
async def end_others() -> Response:
    """End every session of the account but this one."""
    here = identity.signed_in()
    ended = await services().sessions.end_others(here.account.id, keep=here.session.id)
    if not ended:
        return await _done("No other device was signed in.", {"ended": 0}, kind="info")
    return await _done(f"Signed out: {words.counted(ended, 'other device')}.", {"ended": ended})


@blueprint.post("/<session_id>/name")
@asks_again
async def name(session_id: str) -> Response:
    """Give a session a name of one's own, or take it away with an empty one."""
    form = await NameForm.submitted()
    if not form.acceptable():
        return await _show_refused(session_id, form)
    given = form.name.data or ""
    if not await services().sessions.rename(identity.signed_in().account.id, session_id, given):
        return await _not_there()
    said = f"The device is now called {given}." if given else "The device has no name of its own any more."
    return await _done(said, {"id": session_id, "name": given}, focus=f"session-{session_id}")


async def _listing() -> Listing:
    return await services().sessions.list(identity.signed_in().account.id)


async def _done(said: str, data: dict[str, object], *, kind: Kind = "success", focus: str = HEADING) -> Response:
    """Answer for something that Redis said is done: the list as it is now, and a sentence."""
    if face() is Face.JSON:
        return as_json(data)
    if htmx.wants_fragment():
        return _show(await _listing(), Notice(kind, said), focus=focus)
    notify(kind, said)
    return see_other(LIST)


async def _not_there(said: str = GONE) -> Response:
    """Answer alike for somebody else's session, an unknown one, and one that ended a moment ago (promise 6)."""
    if face() is Face.JSON:
        return problem(HTTPStatus.NOT_FOUND, "No such session", said)
    return _show(await _listing(), Notice("error", said), status=HTTPStatus.NOT_FOUND, focus=HEADING)


async def _show_refused(session_id: str, form: NameForm) -> Response:
    if face() is Face.JSON:
        return show_faults(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    listing = await _listing()
    if _find(listing, session_id) is None:
        return await _not_there(NOT_LISTED)
    return _show(listing, status=HTTPStatus.UNPROCESSABLE_ENTITY, refused={session_id: form})


def _show(
    listing: Listing,
    *notices: Notice,
    status: int = HTTPStatus.OK,
    focus: str = "",
    refused: dict[str, NameForm] | None = None,
) -> Response:
    rows = _rows(listing, refused or {})
    context = {"rows": rows, "others": len(rows) - 1, "now": listing.now, "focus": focus}
    if htmx.wants_fragment():
        return fragment("settings/_sessions.html", status, *notices, **context)
    for notice in notices:
        notify(notice.kind, notice.text)
    return page("settings/sessions.html", status, **context)


def _rows(listing: Listing, refused: dict[str, NameForm] | None = None) -> list[Row]:
    """Put this device first and leave the others as they come, the most recently seen first."""
    here = identity.signed_in().session.id
    forms = refused or {}
    rows = [Row(each, each.id == here, forms.get(each.id)) for each in listing.sessions]
    return sorted(rows, key=lambda row: not row.current)


def _find(listing: Listing, session_id: str) -> Session | None:
    return next((each for each in listing.sessions if each.id == session_id), None)
