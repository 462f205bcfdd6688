"""Signing up, and how good the new password is while it is being typed."""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.accounts.model import Account
from webapp.deeds import snapshot_of
from webapp.errors import EmailTaken, StoreUnavailable, WeakPassword
from webapp.web import htmx, identity
from webapp.web.context import services
from webapp.web.faces import Face, as_json, face, go
from webapp.web.forms.account import RegisterForm, Strength, StrengthForm
from webapp.web.forms.base import show_form
from webapp.web.guards import asks_again, guest, public
from webapp.web.limits import counting, limited
from webapp.web.redirects import HOME
from webapp.web.templating import fragment
from webapp.web.visitor import notify

from .data import account_data

blueprint = Blueprint("registration", __name__)

TAKEN = "There is an account with this email already. Sign in instead?"
GOOD = "A good password."
# Said where not all is known that the password may not be made of.
GOOD_SO_FAR = "A good password, unless it is made of your name or email."
NOT_SIGNED_IN = "Your account was made, but you could not be signed in just then. Please sign in in a moment."


@blueprint.get("/register")
@guest
async def form() -> Response:
    """Show the sign-up form."""
    return show_form(RegisterForm())


@blueprint.post("/register")
@guest
@asks_again
@limited("register")
async def register() -> Response:
    """Make an account and sign in with it."""
    form = await RegisterForm.submitted()
    account = await _open_account(form)
    if account is None:
        return show_form(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        await identity.sign_in(account, remember=False, method="registration")
    except StoreUnavailable:
        form.used()
        notify("info", NOT_SIGNED_IN)
        raise
    return go(HOME, account_data(snapshot_of(account)), HTTPStatus.CREATED)


@blueprint.post("/register/strength")
@public
@limited("strength")
async def strength() -> Response:
    """Judge a password while it is typed, here or where one is replaced; the answer never holds it."""
    form = await StrengthForm.submitted()
    form.strength = await _judge(form)
    if face() is Face.JSON:
        return as_json({"verdict": form.strength.verdict, "message": form.strength.message})
    if htmx.wants_fragment():
        return fragment("account/_strength.html", form=form)
    # Without htmx nobody is sent here; who comes all the same gets the form with the verdict in it.
    return show_form(form)


async def _open_account(form: RegisterForm) -> Account | None:
    """Register what the form says, or put at its fields why not."""
    email, name, password = form.email.data or "", form.name.data or "", form.password.data or ""
    if not form.acceptable():
        # All that is wrong is told at once, not one thing after the other.
        if password and (reason := await services().accounts.weakness(password, email=email, name=name)):
            form.refuse("password", reason)
        return None
    try:
        async with counting("taken", EmailTaken):
            return await services().accounts.register(email, name, password)
    except EmailTaken:
        form.refuse("email", TAKEN)
    except WeakPassword as weak:
        form.refuse("password", weak.reason)
    return None


async def _judge(form: StrengthForm) -> Strength:
    if not form.typed:
        return Strength()
    email, name = await _known(form)
    if reason := await services().accounts.weakness(form.typed, email=email, name=name):
        return Strength("weak", reason)
    return Strength("good", GOOD if email and name else GOOD_SO_FAR)


async def _known(form: StrengthForm) -> tuple[str, str]:
    """Return email and name as the form has them, or as somebody has told us whose account it is about."""
    email, name = form.email.data or "", form.name.data or ""
    if name or not (here := await identity.look_who_is_here()):
        return email, name
    # Without an email it is a page of theirs; the form behind a link from a mail has an email and no name.
    theirs = email in {"", here.account.email}
    return (here.account.email, here.account.name) if theirs else (email, name)
