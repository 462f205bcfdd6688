"""From the cookie to the session and back; the only file that knows the session cookie.

The cookie is quart-auth's, signed, so that a forged one costs no round trip. What it holds, quart-auth's *auth id*, is
the session's token; whether that still means anything only Redis says, asked once per request. quart-auth alone could
not take a session back, as a cookie that was signed out can be replayed.
"""

from typing import cast

from quart import Quart, Response
from quart_auth import Action, AuthUser, QuartAuth, Unauthorized, current_user, login_user, logout_user

from webapp.accounts.model import Account
from webapp.deeds import snapshot_of
from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.history import Origin
from webapp.logs.requests import note_account
from webapp.sessions.model import Resumed, Session, Started
from webapp.sessions.token import Token
from webapp.settings import Settings
from webapp.watch.arrivals import Visit

from .browser import keep_browser
from .client import client_address, client_device, client_origin
from .context import services
from .visitor import notify

# Told to somebody who signs in to an account that was to be erased.
KEPT = "Welcome back. You signed in, so your account is kept: nothing will be erased."


class Viewer(AuthUser):
    """Who sends this request, as far as the cookie claims and Redis confirms."""

    def __init__(self, auth_id: str | None, action: Action = Action.PASS) -> None:
        super().__init__(auth_id, action)
        # What the cookie holds after this answer, and for how long; without an end, for as long as the browser is open.
        self.carries = auth_id
        self.max_age: int | None = None
        self._asked = False
        self._resumed: Resumed | None = None
        self._failure: StoreUnavailable | None = None

    @property
    async def is_authenticated(self) -> bool:
        """Whether the session lives; raises StoreUnavailable when Redis does not say."""
        return await self.resume() is not None

    async def resume(self) -> Resumed | None:
        """Return the living session and its account, asking Redis once per request; raises StoreUnavailable."""
        if not self._asked and self.auth_id is not None:
            self._asked = True
            await self._ask(self.auth_id)
        if self._failure is not None:
            # "Not known" must never turn into "not signed in" for a second caller within the same request.
            raise self._failure
        return self._resumed

    async def _ask(self, token: str) -> None:
        try:
            self._resumed = await services().sessions.resume(token, address=client_address())
        except StoreUnavailable as failure:
            self._failure = failure
            return
        if self._resumed is None:
            return
        note_account(self._resumed.account.id)
        if self._resumed.cookie is not None:
            self.keep(self._resumed.cookie, self._resumed.session, self._resumed.now)

    @property
    def known(self) -> Resumed | None:
        """The living session, if this request asked for it; never asks by itself."""
        return self._resumed

    def is_known(self, resumed: Resumed) -> None:
        """Take it from somebody who has asked Redis already."""
        self._asked, self._resumed = True, resumed

    @property
    def unsure(self) -> bool:
        """Whether Redis was asked and did not answer, so that nobody knows who this is."""
        return self._failure is not None

    def keep(self, token: str, session: Session, now: int) -> None:
        """Have the browser's cookie hold ``token``, if remembered for as long as the record will live from ``now``."""
        self.carries = token
        self.max_age = session.ends - now if session.remembered else None
        self.action = Action.WRITE

    def let_cookie_be(self) -> None:
        """Send no cookie after all: a late answer must not put that of a session that has ended over a newer one."""
        self.action = Action.PASS


class Identity(QuartAuth):
    """quart-auth, with a cookie whose ``Max-Age`` follows the record instead of one duration for all."""

    user_class = Viewer

    async def after_request(self, response: Response) -> Response:
        """Write what the request decided about the cookie."""
        viewer = self.load_user()
        if not isinstance(viewer, Viewer) or viewer.action is not Action.WRITE:
            return await super().after_request(response)
        response.set_cookie(
            cast(str, self.cookie_name),
            self.dump_token(cast(str, viewer.carries)),
            max_age=viewer.max_age,
            httponly=True,
            path=cast(str, self.cookie_path),
            secure=bool(self.cookie_secure),
            samesite=self.cookie_samesite,
        )
        return response

    # quart-auth's own is synchronous, for which Quart starts a thread on each page; it awaits this one.
    async def _template_context(self) -> dict[str, AuthUser]:  # type: ignore[override]
        return {}


def install_identity(app: Quart, settings: Settings) -> None:
    """Set up the session cookie (promise 13): ``__Host-``, Secure, HttpOnly, SameSite=Lax, no Domain."""
    Identity(
        app,
        cookie_name=settings.cookie_name("session"),
        cookie_secure=settings.secure,
        # The signature's age only bounds how long a forgotten cookie is looked up at all; the record decides.
        duration=max(settings.session_lifetime, settings.remember_lifetime),
    )


def viewer() -> Viewer:
    """Return who sends this request; unconfirmed until ``resume`` was awaited."""
    # current_user is a proxy object, and what it stands for is always of the class that Identity names.
    return cast(Viewer, current_user)


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
    auth_id = viewer().auth_id
    return Token.parse(auth_id) if auth_id is not None else None


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
