"""Signing in with an email and a password, wherever the form for it stands."""

from webapp import words
from webapp.accounts.model import Account
from webapp.sessions.model import Started

from . import identity
from .browser import shown_browser
from .client import client_device, client_network
from .context import services, settings
from .forms.account import LoginForm
from .visitor import notify

# One sentence for an unknown email and a wrong password (promise 11).
WRONG = "The email or the password is not right."
DISPLACED = "An account may have {limit} sign-ins at a time, so the one unused for longest ended: {which}."
TIDY = ("/settings/sessions", "Tidy up your devices")


async def check(form: LoginForm, account_id: str = "") -> Account:
    """Return the account that the email and the password of ``form`` are of; no other than ``account_id`` if given.

    Raises WrongCredentials, TooManyTries, NewBrowsersRefused, Busy and StoreUnavailable.
    """
    email, password = form.email.data or "", form.password.data or ""
    return await services().accounts.authenticate(
        email,
        password,
        network=client_network(),
        browser=shown_browser(),
        device=client_device().label,
        account_id=account_id,
    )


async def begin(account: Account, form: LoginForm) -> Started:
    """Start a session for ``account`` on this browser, as ``form`` wants it, and end the one it had.

    Raises StoreUnavailable, and WrongCredentials when the account was deleted or got another password meanwhile.
    """
    started = await identity.sign_in(account, remember=form.remember.data, shared=form.shared.data, method="password")
    _tell_of(started)
    return started


def _tell_of(started: Started) -> None:
    """Name the session that had to go for this one: its owner may miss it, and may not have known of the limit."""
    if not started.displaced:
        return
    first, *others = started.displaced
    label = f"{first.name} ({first.device.label})" if first.name else first.device.label
    more = f", and {len(others)} more" if others else ""
    seen = words.ago(first.seen, started.now)
    notify("info", DISPLACED.format(limit=settings().session_limit, which=f"{label}, last seen {seen}{more}"), TIDY)
