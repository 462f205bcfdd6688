"""Where a browser may be sent: to a path of this site, and nowhere else (promise 17)."""

import re
from functools import lru_cache
from posixpath import normpath
from urllib.parse import quote, unquote, urlsplit

from quart import request

from webapp.logs.secret_paths import WORDS, is_secret

from . import htmx
from .context import settings

HOME = "/dashboard"

# One slash and then neither slash nor backslash: "//host" and "/\host" lead away. Browsers drop tabs and line breaks
# and take a backslash for a slash before they look, so none of these may stand anywhere.
LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
# Longer ones come from no page of ours, and have to fit into the redirect's header line (8 KiB at Heroku).
LONGEST = 2000
# Coming back to these would sign out, ask again or loop; and the address of a link from a mail is a secret.
NOT_AFTERWARDS = ("/login", "/logout", "/register", "/confirm", "/forgot", "/session/", *(f"/{word}" for word in WORDS))


# Each page asks for its own, and most pages have a few addresses (12 us a page).
@lru_cache(maxsize=256)
def local_path(text: str | None, default: str = HOME) -> str:
    """Return ``text`` if it is a path of this site that makes sense to go to, else ``default``."""
    if not text or len(text) > LONGEST or not LOCAL.fullmatch(text):
        return default
    if _as_asked_for(text).startswith(NOT_AFTERWARDS):
        return default
    # A header line is ASCII; what is quoted already stays as it is.
    return quote(text, safe="/?#[]@!$&'()*+,;=%:~", errors="replace")


def _as_asked_for(text: str) -> str:
    """Return the path as it will be when a browser has resolved its dots, and the server has decoded it."""
    return normpath(unquote(urlsplit(text).path))


def current_page() -> str:
    """Return the path of the page that the person is looking at, as a place to come back to.

    For a GET that is the page asked for; for a form or an htmx request, the page it stands on.
    """
    if htmx.is_htmx():
        return _ours(htmx.current_url())
    if request.method in {"GET", "HEAD"}:
        query = request.query_string.decode("ascii", "replace")
        return local_path(f"{quote(request.path)}?{query}" if query else quote(request.path))
    return _ours(request.headers.get("Referer", ""))


def same_page() -> str:
    """Return where the person tries again what failed; an empty address is the page itself, which keeps its secret."""
    return "" if is_secret(request.path) else current_page()


def login_address(next_path: str) -> str:
    """Return the path of the sign-in page that leads on to ``next_path``."""
    return f"/login?next={quote(next_path, safe='/')}"


def confirm_address(next_path: str) -> str:
    """Return the path of the page that asks for the password and leads on to ``next_path``."""
    return f"/confirm?next={quote(next_path, safe='/')}"


def _ours(address: str) -> str:
    """Take the path out of a whole address, if it is one of this site."""
    own = settings().public_url
    return local_path(address.removeprefix(own)) if address.startswith(f"{own}/") else HOME
