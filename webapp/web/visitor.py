"""A visitor's own small cookie: Quart's signed one, for browsers that nobody is signed in with, too.

It holds a random id that forms of visitors are bound to, and the notices that the next page shows once. Nothing of it
is in Redis, and it proves nothing but "the same browser".
"""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from quart import Quart, Response
from quart import session as cookie
from quart.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.settings import Settings

from .faces import Face, face
from .signing import KeptSerializer

Kind = Literal["success", "info", "error"]

# 128 random bits, as for any id that must not be guessed (ASVS 7.2.3).
ID_BYTES = 16
# A program that never looks at a page would pile them up until its cookie is above the 4096 bytes that browsers keep.
MOST_NOTICES = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that is shown once; ``link``, a local path and its words, leads on from it."""

    kind: Kind
    text: str
    link: tuple[str, str] | None = None


class VisitorCookie(SecureCookieSessionInterface):
    """Reads and writes the cookie as Quart does, with a serializer that is kept."""

    def __init__(self) -> None:
        self._serializer: KeptSerializer | None = None

    def get_signing_serializer(self, app: Quart) -> KeptSerializer:
        """Give what signs the cookie of ``app``, whose keys never change while it serves."""
        if self._serializer is None:
            self._serializer = KeptSerializer(
                [*app.config["SECRET_KEY_FALLBACKS"], app.secret_key],
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs={"key_derivation": self.key_derivation, "digest_method": self.digest_method},
            )
        return self._serializer

    async def save_session(
        self, app: Quart, session: SessionMixin, response: Response | WerkzeugResponse | None
    ) -> None:
        """Write the cookie where it has changed; what is only read is told to caches, and all else left out (5 us)."""
        # Not by "in", which makes an exception of each header that is not there (2 us).
        if session.modified or response is None or response.headers.getlist("Vary"):
            await super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")


def configure_visitor_cookie(app: Quart, settings: Settings) -> None:
    """Name the cookie and close it to scripts, to other sites and, over https, to other hosts."""
    app.config.update(
        SESSION_COOKIE_NAME=settings.cookie_name("visitor"),
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # Sent again only when it changed: a page that shows nothing new sets no cookie.
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def visitor_id() -> str | None:
    """Return this browser's id, if it has one yet."""
    found: Any = cookie.get("id")
    return found if isinstance(found, str) else None


def ensure_visitor_id() -> str:
    """Return this browser's id and give it one first where there is none."""
    if (found := visitor_id()) is not None:
        return found
    cookie["id"] = secrets.token_urlsafe(ID_BYTES)
    return str(cookie["id"])


def notify(kind: Kind, text: str, link: tuple[str, str] | None = None) -> None:
    """Have the next page of this browser show ``text`` once; who takes only JSON sees no page."""
    if face() is Face.JSON:
        return
    notices = [*cookie.get("notices", []), [kind, text]][-MOST_NOTICES:]
    cookie["notices"] = notices
    if links := {**cookie.get("links", {}), **({text: link} if link else {})}:
        # Apart from them: a version before this one takes pairs, and two run side by side during a deploy.
        shown = {text for _, text in notices}
        cookie["links"] = {text: link for text, link in links.items() if text in shown}


def take_notices() -> list[Notice]:
    """Return what is to be shown, and forget it."""
    if "notices" not in cookie:
        return []
    links = {text: (path, words) for text, (path, words) in cookie.pop("links", {}).items()}
    return [Notice(kind, text, links.get(text)) for kind, text in cookie.pop("notices")]
