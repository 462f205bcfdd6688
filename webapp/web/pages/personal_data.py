"""Your data: what is kept of it, a copy of it, and its end."""

from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from quart import Blueprint, Response
from quart_auth import Unauthorized

from webapp import words
from webapp.accounts.model import Account
from webapp.errors import WrongCredentials
from webapp.personal_data import Kept, as_text, describe_kept, export
from webapp.shielding import shielded
from webapp.web import identity
from webapp.web.confirming import MISSING, WRONG, password_given, prove
from webapp.web.context import services, settings
from webapp.web.error_words import Words
from webapp.web.faces import Face, as_json, face, go
from webapp.web.forms.base import show_form
from webapp.web.forms.personal_data import EraseForm, ExportForm
from webapp.web.guards import asks_again
from webapp.web.limits import limited
from webapp.web.settling import settle, stands_all_the_same
from webapp.web.visitor import notify

from .logout import AFTERWARDS, gone

blueprint = Blueprint("personal_data", __name__, url_prefix="/settings/data")

PLANNED = "You are signed out everywhere. Your account will be erased on {day}. Sign in before then and it is kept."
STAYS_HERE = ("/settings/data", "Back to your data")


@blueprint.get("")
async def data() -> Response:
    """Show what is kept, and the two forms."""
    if face() is Face.JSON:
        return as_json({"kept": [_kept_data(kept) for kept in describe_kept(settings())]})
    return show_form(ExportForm())


@blueprint.post("/export")
@asks_again
@limited("export")
async def export_all() -> Response:
    """Give everything about the person as a file."""
    form = await ExportForm.submitted()
    if not form.acceptable() or not await password_given(form):
        return show_form(form, form.refusal)
    document = await export(services(), identity.signed_in().account.id)
    if document is None:
        raise Unauthorized
    return _file(as_text(document))


@blueprint.post("/erase")
@asks_again
@limited("password")
async def erase() -> Response:
    """Have the account erased after a while, and end all its sessions now."""
    form = await EraseForm.submitted()
    if not await _means_it(form):
        return show_form(form, form.refusal)
    account, settled = await _erase(form)
    erase_at = _erase_at(account)
    if not settled:
        return await stands_all_the_same(_not_yet_out(erase_at), STAYS_HERE)
    identity.forget()
    notify("success", PLANNED.format(day=words.exact(erase_at)))
    return gone(go(AFTERWARDS, {"erase_at": words.iso(erase_at)}))


async def _means_it(form: EraseForm) -> bool:
    """Tell whether word and password are right; if not, the form says why. Nothing is tried without the word."""
    acceptable = form.acceptable()
    if not form.password.data and not form.problem:
        form.refuse("password", MISSING)
    if not acceptable or form.password.errors:
        return False
    try:
        await prove(identity.signed_in(), form.password.data or "")
    except WrongCredentials:
        form.refuse("password", WRONG)
        form.refusal = HTTPStatus.UNAUTHORIZED
        return False
    return True


@shielded
async def _erase(form: EraseForm) -> tuple[Account, bool]:
    """Plan the erasure and end every session; give the account as it is now, and whether the latter is done."""
    account_id = identity.signed_in().account.id
    planned = await services().erasures.plan(account_id, identity.origin_for(account_id))
    if planned is None:
        raise Unauthorized
    account, entries = planned
    form.used()
    return account, await settle(entries)


def _erase_at(account: Account) -> int:
    if account.erase_at is None:
        raise RuntimeError("an account that is to be erased has no day for it")
    return int(account.erase_at.timestamp())


def _not_yet_out(erase_at: int) -> Words:
    return Words(
        "Your account will be erased",
        f"That is on {words.exact(erase_at)}, unless you sign in again before then. A part of this site does not "
        "answer at the moment; every device is signed out as soon as it does.",
        "You need not ask for it again.",
    )


def _file(text: str) -> Response:
    response = Response(text, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="account-export-{datetime.now(UTC):%Y-%m-%d}.json"'
    return response


def _kept_data(kept: Kept) -> dict[str, Any]:
    told = asdict(kept)
    del told["until"]
    return {**told, "how_long": kept.how_long}
