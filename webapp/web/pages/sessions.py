"""The device list: every place where one is signed in, and putting any of them out at once."""

from collections.abc import Collection
from http import HTTPStatus

from quart import Blueprint, Response

from webapp import words
from webapp.errors import StoreUnavailable
from webapp.history import Event
from webapp.history.model import hourly_id, now
from webapp.sessions.model import Cause, Listing
from webapp.shielding import shielded
from webapp.web import htmx, identity
from webapp.web.context import services
from webapp.web.faces import Face, as_json, face, problem, see_other
from webapp.web.forms.base import show_faults
from webapp.web.forms.sessions import NameForm
from webapp.web.guards import asks_again, recently_confirmed
from webapp.web.limits import limited
from webapp.web.templating import fragment, page, piece
from webapp.web.visitor import Kind, Notice, notify

from .data import session_data
from .device_rows import UNUSED_SECONDS, Row, Rows
from .logout import logout

LIST = "/settings/sessions"
blueprint = Blueprint("sessions", __name__, url_prefix=LIST)

GONE = "That device was not signed in any more, so there was nothing to do."
# Says less: the list was looked at, and nothing waited until no failover can bring the device back.
NOT_LISTED = "That device is not in the list any more."
HEADING = "sessions-heading"
UNUSED_FOR = words.roughly(UNUSED_SECONDS)


@blueprint.get("")
async def devices() -> Response:
    """Show where the account is signed in."""
    listing = await _listing()
    if face() is Face.JSON:
        return as_json({"sessions": [_row_data(row) for row in _rows(listing)]})
    return _show(listing)


@blueprint.post("/<session_id>/end")
@recently_confirmed
@limited("acts")
async def end(session_id: str) -> Response:
    """End one session of the account; one's own current one is signing out."""
    here = identity.signed_in()
    if session_id == here.session.id:
        return await logout()
    # For words and focus alone. That a session is gone for good only the act itself can say: a primary that is being
    # replaced may have ended what lives on the next one.
    before = _rows(await _listing())
    if not await services().sessions.end(here.account.id, session_id, _from_here()):
        return await _not_there()
    return await _done(_said_of(session_id, before), {"ended": 1}, focus=_next_line(before, [session_id]))


def _said_of(session_id: str, before: Rows) -> str:
    row = before.find(session_id)
    if row is None:
        return "Signed out: that device."
    left = [other for other in before.of_browser(row.session.browser) if other is not row]
    if not left:
        return f"Signed out: {row.called}."
    which = "This" if any(other.current for other in left) else "That"
    return f"Signed out: one sign-in of {row.called}. {which} browser is still signed in."


@blueprint.post("/browsers/<browser>/end")
@recently_confirmed
@limited("acts")
async def end_browser(browser: str) -> Response:
    """End every session of a browser, but never the one in which this is asked for.

    The list names browsers as sessions do: who signs in there anew, while somebody looks at the list, is put out, too.
    """
    here = identity.signed_in()
    before = _rows(await _listing())
    row = next((row for row in before.of_browser(browser) if not row.current), None)
    if row is None:
        return await _not_there(NOT_LISTED)
    ended = await services().sessions.end_browser(
        here.account.id, browser, row.session.id, _from_here(), keep=here.session.id
    )
    if not ended:
        return await _not_there()
    said = f"Signed out: {row.called} ({words.counted(len(ended), 'sign-in')})."
    return await _done(said, {"ended": len(ended)}, focus=_next_line(before, ended))


@blueprint.post("/end-others")
@recently_confirmed
@limited("acts")
async def end_others() -> Response:
    """End every session of the account but this one."""
    here = identity.signed_in()
    noun = f"other {_rows(await _listing()).noun}"
    ended = await services().sessions.end_others(here.account.id, here.session.id, _from_here())
    if not ended:
        return await _done("No other device was signed in.", {"ended": 0}, kind="info")
    return await _done(f"Signed out: {words.counted(len(ended), noun)}.", {"ended": len(ended)})


@blueprint.post("/end-unused")
@recently_confirmed
@limited("acts")
async def end_unused() -> Response:
    """End those that nobody has used for long, but this one."""
    here = identity.signed_in()
    noun = _rows(await _listing()).noun
    ended = await services().sessions.end_unused(
        here.account.id, keep=here.session.id, seconds=UNUSED_SECONDS, cause=_from_here()
    )
    if not ended:
        return await _done(f"No device was unused for {UNUSED_FOR}.", {"ended": 0}, kind="info")
    said = f"Signed out: {words.counted(len(ended), noun)}, unused for {UNUSED_FOR}."
    return await _done(said, {"ended": len(ended)})


@blueprint.post("/<session_id>/name")
@asks_again
@limited("acts")
async def name(session_id: str) -> Response:
    """Give a session a name of one's own, or take it away with an empty one."""
    form = await NameForm.submitted()
    if not form.acceptable():
        return await _show_refused(session_id, form)
    given = form.name.data or ""
    if not await _rename(session_id, given):
        return await _not_there()
    said = f"The device is now called {given}." if given else "The device has no name of its own any more."
    return await _done(said, {"id": session_id, "name": given}, focus=f"session-{session_id}")


@shielded
async def _rename(session_id: str, given: str) -> bool:
    """Name a session, and have the history tell of it before anybody is answered."""
    account_id = identity.signed_in().account.id
    row = _rows(await _listing()).find(session_id)
    before = row.session.name if row else ""
    if not await services().sessions.rename(account_id, session_id, given):
        return False
    if row is None or before != given:
        try:
            await services().history.add(_renamed(session_id, row, given))
        except StoreUnavailable:
            # Back to what it was, so that the same is told when it is tried again.
            await services().sessions.rename(account_id, session_id, before)
            raise
    return True


def _renamed(session_id: str, row: Row | None, given: str) -> Event:
    account_id, at = identity.signed_in().account.id, now()
    details = {"device": row.session.device.label if row else "", "name": given}
    told = {key: value for key, value in details.items() if value}
    line = hourly_id("device-renamed", session_id, at)
    return Event("device-renamed", account_id, at, identity.origin_for(account_id), told, id=line)


def _from_here() -> Cause:
    # Not by the name that its owner gave it: the browser that is put out is told, and may be a thief's.
    return Cause("elsewhere", identity.signed_in().session.device.label)


async def _listing() -> Listing:
    return await services().sessions.list(identity.signed_in().account.id)


def _next_line(before: Rows, ended: Collection[str]) -> str:
    # Whoever goes through a long list by keyboard stays in place.
    row = before.after(ended)
    return row.anchor if row else HEADING


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
    if _rows(listing).find(session_id) is None:
        return await _not_there(NOT_LISTED)
    return _show(listing, status=HTTPStatus.UNPROCESSABLE_ENTITY, refused={session_id: form})


def render_list(rows: Rows) -> str:
    """Make the list for a page that is open: a stream brings it."""
    return piece("settings/_sessions.html", **_context(rows, ""))


def _show(
    listing: Listing,
    *notices: Notice,
    status: int = HTTPStatus.OK,
    focus: str = "",
    refused: dict[str, NameForm] | None = None,
) -> Response:
    context = _context(_rows(listing, refused), focus)
    if htmx.wants_fragment():
        return fragment("settings/_sessions.html", status, *notices, **context)
    for notice in notices:
        notify(notice.kind, notice.text)
    return page("settings/sessions.html", status, **context)


def _context(rows: Rows, focus: str) -> dict[str, object]:
    return {"rows": rows, "now": rows.now, "focus": focus, "unused_for": UNUSED_FOR}


def _rows(listing: Listing, refused: dict[str, NameForm] | None = None) -> Rows:
    return Rows.of(listing, identity.signed_in().session.id, services().places, refused)


def _row_data(row: Row) -> dict[str, object]:
    return {**session_data(row.session, current=row.current), "place": row.place, "browser": row.session.browser}
