"""Who is signed in here, and signing in and out: all that is done with the session of a request.

The session cookie itself is read and written by ``session_cookie``.
"""

from typing import cast

from quart import current_app, g
from quart_auth import Unauthorized, login_user, logout_user

from webapp.accounts.model import Account
from webapp.deeds import snapshot_of
from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.history import Origin
from webapp.logs.requests import note_account
from webapp.sessions.model import Resumed, Started
from webapp.sessions.token import Token
from webapp.watch.arrivals import Visit

from .browser import keep_browser
from .client import client_device, client_origin
from .context import services
from .session_cookie import VIEWER, Viewer
from .visitor import notify

# Told to somebody who signs in to an account that was to be erased.
KEPT = "Welcome back. You signed in, so your account is kept: nothing will be erased."


def viewer() -> Viewer:
    """Return who sends this request; unconfirmed until ``resume`` was awaited."""
    # Not quart-auth's current_user: that looks for itself with each use (6 us), and a page uses this one 5 times.
    found = g.get(VIEWER)
    return cast(Viewer, found if found is not None else current_app.extensions["QUART_AUTH"][0].load_user())


def signed_in() -> Resumed:
    """Return the session of a request that a guard let through."""
    resumed = viewer().known
    if resumed is None:
        raise RuntimeError("a handler asked for the session of a request that no guard checked")
    return resumed


async def look_who_is_here() -> Resumed | None:
    """Return who is signed in, if Redis says; a page for everybody shows it, and must not fail for it (promise 8)."""
    try:
        return await viewer().resume()
    except StoreUnavailable:
        return None


def claimed_token() -> Token | None:
    """Return the token in the cookie if we signed it, whether its session lives or not; asks nobody."""
    return viewer().token


async def sign_in(account: Account, *, remember: bool, method: str, shared: bool = False) -> Started:
    """Start a session for ``account`` on this browser and end the one it had.

    On a ``shared`` computer it is short, and the browser is not known afterwards. An account that was to be erased is
    kept by it. Raises StoreUnavailable, and WrongCredentials when the account was deleted or got another password
    meanwhile.
    """
    here = client_origin()
    visit = Visit(
        method,
        client_device(),
        here.address,
        here.place,
        remember=remember and not shared,
        shared=shared,
        browser=None if shared else await keep_browser(account.id),
        replacing=viewer().auth_id,
    )
    started = await services().arrivals.sign_in(snapshot_of(await _keep_account(account)), visit)
    note_account(account.id)
    _carry(started)
    return started


async def _keep_account(account: Account) -> Account:
    if account.erase_at is None:
        return account
    kept = await services().erasures.cancel(account, client_origin())
    if kept is None:
        raise WrongCredentials
    notify("info", KEPT)
    return kept


async def renew() -> None:
    """Give this browser's session a new secret, the old one being dead at once; the password was just given in it.

    Raises Unauthorized when the session was ended meanwhile, and StoreUnavailable.
    """
    renewed = await services().sessions.renew(viewer().auth_id or "")
    if renewed is None:
        raise Unauthorized
    account = signed_in().account
    _carry(renewed).is_known(Resumed(renewed.session, account, renewed.now, moved=False))


def _carry(started: Started) -> Viewer:
    newcomer = Viewer(started.token)
    login_user(newcomer)
    newcomer.keep(started.token, started.session, started.now)
    return newcomer


async def sign_out() -> None:
    """End this browser's session, if it lives, and take the cookie away; raises StoreUnavailable.

    Whether it lives is not asked first. A primary that is being replaced may know of its end, and the one that replaces
    it not; only the act itself waits until nobody can undo it (docs/decisions/0011).
    """
    token = claimed_token()
    if token is not None and await services().sessions.end_own(token):
        note_account(token.account_id)
    forget()


def forget() -> None:
    """Take the cookie away from a browser whose session was just ended by itself."""
    logout_user()


def forget_session_of(account: Account) -> bool:
    """Do the same where every session of ``account`` was just ended, and tell whether this browser had one of them."""
    token = claimed_token()
    if token is None or token.account_id != account.id:
        return False
    forget()
    return True


def origin_for(account_id: str) -> Origin:
    """Return from where something is done to an account: in its session, if it has one here and this request asked."""
    here = viewer().known
    return client_origin(here.session.id if here is not None and here.account.id == account_id else "")


def is_another(account: Account) -> bool:
    """Whether somebody is signed in here to an account that is not ``account``, as far as this request has asked."""
    here = viewer().known
    return here is not None and here.account.id != account.id
