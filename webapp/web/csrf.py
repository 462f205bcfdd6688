"""Requests that change something come from our own pages (promise 14).

Twice over: the browser says which site a request was made from, and each form carries a token that only a page of ours
can have shown to this browser. ``SameSite=Lax`` on the cookie is a third wall, and not one that we count on.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus

from markupsafe import Markup
from quart import abort, request

from .bodies import is_json, read_fields
from .context import settings
from .identity import claimed_token
from .visitor import ensure_visitor_id, visitor_id

FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN = "This request was made by another site, so nothing was done."


def is_unsafe() -> bool:
    """Whether this request may change something."""
    return request.method not in SAFE_METHODS


def csrf_token() -> str:
    """Return the token for a form in a session: bound to the one that the browser's cookie names, or to the visitor."""
    # In a session as well: when that ends its tabs turn to a form for visitors, and each would make its own id then.
    ensure_visitor_id()
    token = claimed_token()
    return session_token(token.session_id) if token else visitor_csrf_token()


def session_token(session_id: str) -> str:
    """Return the token for the forms of pages in a session, whatever the cookie says."""
    return _sign(settings().secret_key, _of_session(session_id))


def visitor_csrf_token() -> str:
    """Return the token for a form that needs no session: it is bound to the visitor, whatever session the cookie names.

    The cookie of one that is over may be gone when the form comes, or be that of the next one, which another tab began.
    """
    return _sign(settings().secret_key, _of_visitor(ensure_visitor_id()))


class CsrfField:
    """The hidden field with ``csrf_token``, for all forms of one page: its token is signed once (10 us each)."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: Markup | None = None

    def __call__(self) -> Markup:
        """Return the field; the first time gives the browser its visitor's id, if it has none."""
        if self._made is None:
            self._made = _hidden(csrf_token())
        return self._made


def visitor_csrf_field() -> Markup:
    """Return the hidden field with ``visitor_csrf_token``, for a form that needs no session."""
    return _hidden(visitor_csrf_token())


def _hidden(token: str) -> Markup:
    # Base64 holds nothing that HTML gives a meaning.
    return Markup(f'<input type="hidden" name="{FIELD}" value="{token}">')  # noqa: S704


def check_origin() -> None:
    """Refuse an unsafe request that the browser says was made from elsewhere; raises Forbidden.

    ``Sec-Fetch-Site`` where there is one, else ``Origin`` against PUBLIC_URL (OWASP CSRF cheat sheet; the order is that
    of Go's CrossOriginProtection). A request with neither was made by no browser that could be tricked.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in {"same-origin", "none"}:
        abort(HTTPStatus.FORBIDDEN, FOREIGN)
    if site is None and origin is not None and origin != settings().public_url:
        abort(HTTPStatus.FORBIDDEN, FOREIGN)


async def has_valid_token(*, of_session: bool) -> bool:
    """Whether the form carries a token of this browser; a JSON body needs none.

    With ``of_session`` only one that is bound to the session will do. Else the visitor's is taken as well: a sign-in
    form that was open before somebody signed in in another tab is still this browser's.
    """
    fields = await read_fields()
    if is_json():
        return True
    given = fields.get(FIELD, "").encode()
    return any(hmac.compare_digest(given, expected.encode()) for expected in _expected(of_session=of_session))


def _expected(*, of_session: bool) -> Iterator[str]:
    for binding in _bindings(of_session=of_session):
        for key in (settings().secret_key, *settings().secret_key_fallbacks):
            yield _sign(key, binding)


def _bindings(*, of_session: bool) -> Iterator[str]:
    if token := claimed_token():
        yield _of_session(token.session_id)
    if not of_session and (visitor := visitor_id()):
        yield _of_visitor(visitor)


def _of_session(session_id: str) -> str:
    return f"session:{session_id}"


def _of_visitor(visitor: str) -> str:
    return f"visitor:{visitor}"


def _sign(key: str, binding: str) -> str:
    # Nothing that we send is compressed, so that a token which stays the same gives nothing away (BREACH).
    mac = _begun(key).copy()
    mac.update(f"gatehouse form {binding}".encode())
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")


# OpenSSL looks for its algorithms anew in each call (10 us a page on a busy machine).
@lru_cache(maxsize=8)
def _begun(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")
