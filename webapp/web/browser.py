"""The cookie that a browser keeps once somebody signed in with it, so that it is known the next time.

It grants nothing: with it and without a password nobody gets in, and whoever shows a forged one is a new browser. It
only tells which browsers were used for an account before. Such a browser has tries of its own, which nobody elsewhere
can use up, and signing in with it is no news that wants a mail. One cookie serves all accounts of a browser, and
signing out leaves it.

It is a name, which stays, and a secret, which is new after each sign-in: whoever has read it once is not known for
ever. SQL keeps hashes of the secret beside each account (webapp/accounts/browsers.py).
"""

import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from http import HTTPStatus

from quart import Quart, Response, g, request

from webapp.accounts.browsers import ShownBrowser
from webapp.setting_values import LONGEST_DURATION
from webapp.settings import Settings

from .context import settings

# Random bytes: 96 bits tell browsers apart, 256 cannot be guessed, so their hash needs no salt (as with the secret of a
# session). In base64url they are 16 and 43 characters.
NAME_BYTES, SECRET_BYTES = 12, 32
WELL_FORMED = re.compile(r"([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})")
# Browsers keep none longer (RFC 6265bis, 5.5; Chrome since version 104). Each sign-in begins it anew.
MAX_AGE = LONGEST_DURATION


def install_browser(app: Quart) -> None:
    """Send the cookie with the answers of requests that called ``keep_browser``."""
    app.after_request(_send_cookie)


def shown_browser() -> ShownBrowser | None:
    """Return the browser by the cookie that it showed; None for no cookie, or one that we cannot have made."""
    found = WELL_FORMED.fullmatch(request.cookies.get(cookie_name(settings()), ""))
    return ShownBrowser(found[1], _hash(found[2])) if found else None


def keep_browser() -> ShownBrowser:
    """Have this browser keep its cookie for another 400 days, with a new secret, and return it as it is then.

    For a sign-in that succeeded, and not for one on a shared computer.
    """
    shown = shown_browser()
    if "kept_browser" not in g:
        name = shown.name if shown else secrets.token_urlsafe(NAME_BYTES)
        g.kept_browser = name, secrets.token_urlsafe(SECRET_BYTES)
    name, secret = g.kept_browser
    return ShownBrowser(name, shown.shown if shown else "", _hash(secret))


def cookie_name(settings: Settings) -> str:
    """Return the name of the cookie, which no other host can set or read where we are reached by https."""
    return "__Host-browser" if settings.secure else "browser"


def _hash(secret: str) -> str:
    return urlsafe_b64encode(sha256(secret.encode()).digest()).rstrip(b"=").decode()


async def _send_cookie(response: Response) -> Response:
    # What was begun and then failed is no sign-in.
    if "kept_browser" not in g or response.status_code >= HTTPStatus.BAD_REQUEST:
        return response
    here, value = settings(), ".".join(g.kept_browser)
    response.set_cookie(
        cookie_name(here), value, max_age=MAX_AGE, path="/", secure=here.secure, httponly=True, samesite="Lax"
    )
    return response
