"""The cookie that a browser keeps once somebody signed in with it, so that it is known the next time.

It grants nothing: with it and without a password nobody gets in, and whoever shows a forged one is a new browser. It
only tells which browsers were used for an account before. Such a browser has tries of its own, which nobody elsewhere
can use up, and signing in with it is no news that wants a mail. One cookie serves all accounts of a browser, and
signing out leaves it.

It is a name, which stays, and a secret, which is new after each sign-in: whoever has read it once is not known for
ever. SQL keeps hashes of the secret beside each account (webapp/accounts/browsers.py), and a name that is shown without
a secret that fits is replaced.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus

from quart import Quart, Response, g, request

from webapp.accounts.browsers import ShownBrowser
from webapp.setting_values import LONGEST_DURATION

from .context import services, settings

COOKIE = "browser"
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
    found = WELL_FORMED.fullmatch(request.cookies.get(settings().cookie_name(COOKIE), ""))
    return ShownBrowser(found[1], _hash(found[2])) if found else None


async def keep_browser(account_id: str) -> ShownBrowser:
    """Have this browser keep its cookie for another 400 days, with a new secret, and return it as it is then.

    For a sign-in to an account that succeeded, and not for one on a shared computer: only then it is asked whether the
    name is to be believed. Raises StoreUnavailable.
    """
    if "kept_browser" not in g:
        proven = await _proven_browser(account_id) or ShownBrowser(secrets.token_urlsafe(NAME_BYTES))
        g.kept_browser = proven, secrets.token_urlsafe(SECRET_BYTES)
    browser: ShownBrowser = g.kept_browser[0]
    return replace(browser, given=_hash(g.kept_browser[1]))


async def _proven_browser(account_id: str) -> ShownBrowser | None:
    shown = shown_browser()
    return shown if shown and await services().browsers.is_proven(account_id, shown) else None


def _hash(secret: str) -> str:
    return urlsafe_b64encode(sha256(secret.encode()).digest()).rstrip(b"=").decode()


async def _send_cookie(response: Response) -> Response:
    # What was begun and then failed is no sign-in.
    if "kept_browser" not in g or response.status_code >= HTTPStatus.BAD_REQUEST:
        return response
    browser, secret = g.kept_browser
    here, value = settings(), f"{browser.name}.{secret}"
    response.set_cookie(
        here.cookie_name(COOKIE), value, max_age=MAX_AGE, path="/", secure=here.secure, httponly=True, samesite="Lax"
    )
    return response
