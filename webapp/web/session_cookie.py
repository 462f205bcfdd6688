"""Who sends a request: from the session cookie to the session and back; the only file that knows that cookie.

The cookie is quart-auth's, signed, so that a forged one costs no round trip. What it holds, quart-auth's *auth id*, is
the session's token; whether that still means anything only Redis says, asked once per request. quart-auth alone could
not take a session back, as a cookie that was signed out can be replayed.
"""

from functools import cached_property
from hashlib import sha512
from typing import cast

from itsdangerous import BadSignature
from quart import Quart, Response, g, has_request_context, request
from quart_auth import Action, AuthUser, QuartAuth

from webapp.errors import StoreUnavailable
from webapp.logs.requests import note_account
from webapp.sessions.model import Resumed, Session
from webapp.sessions.token import Token
from webapp.settings import Settings

from .client import client_address
from .context import services
from .signing import KeptSerializer

# Under which name the one who sends a request is kept while that is answered.
VIEWER = "viewer"


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

    @cached_property
    def token(self) -> Token | None:
        """The token in the cookie, if it has the form of one."""
        return None if self.auth_id is None else Token.parse(self.auth_id)

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

    def init_app(self, app: Quart) -> None:
        """Have ``app`` ask for the user here."""
        super().init_app(app)
        keys = [*app.config["SECRET_KEY_FALLBACKS"], app.secret_key]
        # With the arguments of quart-auth's own.
        self._reader = KeptSerializer(keys, self.salt, signer_kwargs={"digest_method": sha512})

    def load_user(self) -> AuthUser:
        """Return who sends this request; quart-auth's own looks for four things that are not here (5 us a page)."""
        found: Viewer | None = g.get(VIEWER) if has_request_context() else Viewer(None)
        if found is None:
            shown = request.cookies.get(cast("str", self.cookie_name))
            g.viewer = found = Viewer(self.load_token(shown) if shown else None)
        return found

    def load_token(self, token: str, app: Quart | None = None) -> str | None:  # noqa: ARG002  # There is but one.
        """Return what a cookie holds that we have signed; None for any other, and for one that is too old."""
        try:
            held = self._reader.loads(token, max_age=self.duration)
        except BadSignature:
            return None
        return cast("str", held)

    async def after_request(self, response: Response) -> Response:
        """Write what the request decided about the cookie."""
        viewer = self.load_user()
        if viewer.action is Action.PASS:
            return response
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
        attribute_name=VIEWER,
        cookie_name=settings.cookie_name("session"),
        cookie_secure=settings.secure,
        # The signature's age only bounds how long a forgotten cookie is looked up at all; the record decides.
        duration=max(settings.session_lifetime, settings.remember_lifetime),
    )
