"""The headers that tell browsers what our pages may do and who may look at them, on every answer (promise 15).

ASVS is OWASP's Application Security Verification Standard 5.0. An answer that sets one of these itself keeps its own:
that is how static files are cached.
"""

from collections.abc import Awaitable
from functools import lru_cache

from webapp.logs.secret_paths import is_secret
from webapp.settings import Settings

from .asgi import App, Header, Message, Receive, Scope, Send

# ASVS 3.4.3. Nothing is allowed but what a page of ours needs, and that from this site alone: an injected script or
# style does not run, an injected form leads nowhere, an injected <base> does not move our links.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",  # The style sheet has its small icons as data: addresses.
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",  # ASVS 3.4.6: nobody lays our buttons under theirs (clickjacking).
)

# ASVS 3.4.1: a year or more, with all subdomains, so that none of them can be used to set cookies over plain http.
STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"

# We use none of these, so neither does a script that somehow got in.
UNUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)

ALWAYS = {
    "content-security-policy": "; ".join(CONTENT_SECURITY_POLICY),
    # ASVS 3.4.4: what we call text is never run as a script.
    "x-content-type-options": "nosniff",
    # For browsers that do not know frame-ancestors.
    "x-frame-options": "DENY",
    # ASVS 3.4.5: no address of ours leaves this site. Within it the path is kept: a form that is answered with
    # "sign in first" leads back to the page it stood on, which only Referer tells.
    "referrer-policy": "same-origin",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    # ASVS 3.4.8: a page that opened ours gets no handle on its window.
    "cross-origin-opener-policy": "same-origin",
    # ASVS 3.5.8: other sites cannot embed our answers to measure or read them.
    "cross-origin-resource-policy": "same-origin",
    # Nothing is kept by browsers and proxies in between unless a handler says so; pages show who is signed in.
    "cache-control": "no-store",
}

# Browsers of Chromium's kind are asked for two hints more, which name a device better than their frozen user agents do
# (sessions/client_hints.py). They remember that for this site until another page of it says otherwise, so by the time a
# sign-in is sent its form has asked. No page differs by them and none is kept by a cache: no ``Vary`` is needed.
# Firefox and Safari know neither hint.
ACCEPT_HINTS = (b"accept-ch", b"Sec-CH-UA-Platform-Version, Sec-CH-UA-Model")

# A page whose address is a secret tells it to nobody, not even to us: with the requests for our own style sheets it
# would stand in the access log of every proxy in between. "no-referrer" would be shorter by nothing that matters, and
# has browsers send ``Origin: null`` with the form on the page, which those without Sec-Fetch-Site are refused for.
SECRET_REFERRER_POLICY = (b"referrer-policy", b"strict-origin")

# Our answers bring a few dozen sets of headers of their own; the bound is for whatever a library may make up.
CACHED = 256


def security_headers(settings: Settings) -> tuple[Header, ...]:
    """Return the headers of every answer, encoded; computed once."""
    headers = dict(ALWAYS)
    # In development a year of https would lock the developer's browser out of every other project on localhost.
    if settings.production and settings.secure:
        headers["strict-transport-security"] = STRICT_TRANSPORT_SECURITY
    return tuple((name.encode("ascii"), value.encode("ascii")) for name, value in headers.items())


class SecurityHeaders:
    """Wraps an ASGI application so that all its answers carry the security headers."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._headers = security_headers(settings)
        # By the names alone, in their order: what an answer lacks is the same for all that have these (1 us a page).
        self._lacking_once = lru_cache(CACHED)(self._lacking)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request; ``lifespan`` passes untouched, since nothing is answered there."""

        def send_with_headers(message: Message) -> Awaitable[None]:
            # A refused websocket is answered by "websocket.http.response.start".
            if message["type"].endswith("response.start"):
                headers = [*message.get("headers", ())]
                if is_secret(scope["path"]):
                    headers.append(SECRET_REFERRER_POLICY)
                message = {**message, "headers": self._completed(headers)}
            return send(message)

        return self._app(scope, receive, send if scope["type"] == "lifespan" else send_with_headers)

    def _completed(self, headers: list[Header]) -> list[Header]:
        own = {name.lower(): value for name, value in headers}
        headers += self._lacking_once(tuple(own))
        if own.get(b"content-type", b"").startswith(b"text/html"):
            headers.append(ACCEPT_HINTS)
        return headers

    def _lacking(self, own: tuple[bytes, ...]) -> list[Header]:
        return [header for header in self._headers if header[0] not in own]
