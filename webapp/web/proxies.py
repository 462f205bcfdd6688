"""Nothing gets into the application that did not come for this site, in the expected way (promise 16).

Hypercorn has a ProxyFixMiddleware. Read in its source (0.18): it takes an X-Forwarded-Host for Host whoever wrote it,
checks no address, uses one number of hops for headers of different lengths, and copies the scope deeply. This is our
own; it runs on every request, so it looks at the headers once and copies the scope shallowly.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from webapp.logs.requests import note_address
from webapp.settings import Settings

from .asgi import App, Header, Receive, Scope, Send
from .body_cap import LENGTH_HEADERS
from .forwarding import FORWARDING_HEADERS, Arrival, Forwarding, Lines
from .refusals import Refusal, refuse

# Platforms ask these around their own proxies, and none says with which Host.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})

# What proxies speak with the servers behind them. Anything else got here through a tunnel: a server that grants
# "Upgrade: h2c", as Hypercorn alone does, gets requests that never see a proxy. Ours grants it to nobody, and this
# holds behind any other.
PROXIED_VERSIONS = frozenset({"1.0", "1.1"})

HOST = b"host"
FETCHED_FROM = b"sec-fetch-site"
# The few headers that are looked at, or do not go on.
SORTED_OUT = FORWARDING_HEADERS | LENGTH_HEADERS | {HOST}
DEFAULT_PORTS = {"http": 80, "https": 443}

NO_WEBSOCKETS = Refusal(400, "No websockets", "This site has no websockets.")
NO_TUNNELS = Refusal(405, "No tunnels", "This site is not a proxy.", ((b"allow", b"GET, HEAD, POST, OPTIONS"),))
WRONG_VERSION = Refusal(505, "HTTP version not supported", "Please use HTTP/1.1.")
NOT_A_PATH = Refusal(400, "Bad request", "The request names no path of this site.")
# RFC 9112, 6.1: two servers that disagree on which of them counts can be made to see different requests (smuggling).
TWO_LENGTHS = Refusal(400, "Bad request", "The request tells its length in two ways.", ((b"connection", b"close"),))
HTTPS_ONLY = Refusal(400, "Use https", "This site takes forms over https only. Nothing of what you sent was used.")


class TrustedProxies:
    """Wraps an ASGI application: refuses what is not for it, and tells it the true client address and scheme.

    Behind it ``scope["client"]`` is the person's address ("" where there is none), ``scope["scheme"]`` what the browser
    spoke, no forwarding header is left in ``scope["headers"]``, and Host is that of PUBLIC_URL.
    """

    def __init__(self, app: App, settings: Settings, forwarding: Forwarding) -> None:
        self._app = app
        self._public_url = settings.public_url.encode("ascii")
        self._secure = settings.secure
        self._behind_proxy = settings.behind_proxy
        # The one that the application sees. Only health checks come with another, which routers may not even parse.
        self._own_host: Header = (HOST, urlsplit(settings.public_url).netloc.encode("ascii"))
        self._hosts = _spellings_of_host(settings.public_url)
        self._wrong_host = _wrong_host(settings)
        self._forwarding = forwarding

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        if scope["type"] == "lifespan":
            return self._app(scope, receive, send)
        came = _sort_out(scope["headers"])
        arrival = self._arrival(scope, came.forwarding)
        note_address(arrival.address)
        if scope["type"] != "http":
            return refuse(NO_WEBSOCKETS, scope, send)
        # One Host, ours, and no forwarding header.
        headers = [self._own_host, *came.kept]
        client = (arrival.address, arrival.port)
        scope = {**scope, "client": client, "scheme": arrival.scheme, "headers": headers}
        refusal = self._refusal(scope, came)
        return refuse(refusal, scope, send) if refusal else self._app(scope, receive, send)

    def _arrival(self, scope: Scope, forwarding: Lines) -> Arrival:
        # What came through a tunnel is refused, and the line that tells of it must not hold a forged address either.
        if scope["path"] in HEALTH_PATHS or scope["http_version"] not in PROXIED_VERSIONS:
            return self._forwarding.direct(scope.get("client"))
        return self._forwarding.trace(scope.get("client"), forwarding)

    def _refusal(self, scope: Scope, came: "_Sorted") -> Refusal | None:
        if came.lengths == LENGTH_HEADERS:
            return TWO_LENGTHS
        if scope["method"] == "CONNECT":
            return NO_TUNNELS
        if self._behind_proxy and scope["http_version"] not in PROXIED_VERSIONS:
            return WRONG_VERSION
        # "GET http://elsewhere/ HTTP/1.1" names a second host, and "@elsewhere/" would lead there if put after ours.
        if not scope["path"].startswith("/") or not scope["raw_path"].startswith(b"/"):
            return NOT_A_PATH
        # Addresses are ASCII (RFC 3986); of other bytes Quart makes an exception where nobody catches it.
        if not scope["query_string"].isascii():
            return NOT_A_PATH
        return None if scope["path"] in HEALTH_PATHS else self._refusal_by_place(scope, came.hosts)

    def _refusal_by_place(self, scope: Scope, hosts: list[bytes]) -> Refusal | None:
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return self._wrong_host
        if self._secure and scope["scheme"] == "http":
            return self._over_https(scope)
        return None

    def _over_https(self, scope: Scope) -> Refusal:
        # Browsers send Fetch Metadata to https sites only, so it was one: a proxy behind the first has lost that.
        if any(name == FETCHED_FROM for name, _ in scope["headers"]):
            self._forwarding.on_lost_scheme()
        # Browsers keep no Secure cookie that came over plain http: a sign-in would succeed and be lost.
        if scope["method"] not in {"GET", "HEAD"}:
            return HTTPS_ONLY
        # The path begins with a slash, so whatever else is in it stays behind our own host.
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        location = self._public_url + scope["raw_path"] + query
        return Refusal(308, "Use https", "This site is reached over https.", ((b"location", location),))


@dataclass(slots=True)
class _Sorted:
    """The headers that go on as they are, all lines of each forwarding header, those of Host, and names of lengths."""

    kept: list[Header] = field(default_factory=list)
    forwarding: dict[bytes, list[bytes]] = field(default_factory=dict)
    hosts: list[bytes] = field(default_factory=list)
    lengths: set[bytes] = field(default_factory=set)


def _sort_out(headers: list[Header]) -> _Sorted:
    came = _Sorted()
    keep = came.kept.append
    for header in headers:
        name, value = header
        # One look for nearly all of them, which are none of these.
        if name not in SORTED_OUT:
            keep(header)
        elif name == HOST:
            came.hosts.append(value)
        elif name in LENGTH_HEADERS:
            came.lengths.add(name)
            keep(header)
        else:
            came.forwarding.setdefault(name, []).append(value)
    return came


def _spellings_of_host(public_url: str) -> frozenset[bytes]:
    """Return what Host may say: the host of PUBLIC_URL and its port, which may be left out where it is the default."""
    parts = urlsplit(public_url.lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else f"{parts.hostname}"
    default = DEFAULT_PORTS[parts.scheme]
    port = parts.port or default
    spellings = {f"{host}:{port}", host} if port == default else {f"{host}:{port}"}
    return frozenset(spelling.encode("ascii") for spelling in spellings)


def _wrong_host(settings: Settings) -> Refusal:
    if settings.production:
        # Nobody who reached a server by its bare address is told whose it is.
        return Refusal(400, "Bad request", "There is no site at this address.")
    detail = f"This server is set up for {settings.public_url}: open that, or set PUBLIC_URL."
    return Refusal(400, "Wrong address", detail)
