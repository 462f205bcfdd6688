"""Tells the operator, and nobody else, how his request arrived: the other half of ``doctor --request``.

It stands around TrustedProxies, because it is asked about the very things that are refused there: a Host that some
proxy has replaced, a scheme that got lost on the way. Neither a session nor Redis nor SQL is touched for it.

Who asks shows a signature made with SECRET_KEY. Without one this path is like every other that does not exist, and an
answer holds nothing but the settings of the proxies and what the asker's own request looked like when it came.
"""

import hashlib
import json
import time
from collections.abc import Awaitable
from dataclasses import asdict, dataclass, fields
from ipaddress import ip_address, ip_network
from itertools import chain
from urllib.parse import urlsplit

from itsdangerous import BadSignature, TimestampSigner

from webapp import setting_addresses
from webapp.logs.requests import note_address
from webapp.settings import Settings

from .addresses import peer_address
from .asgi import App, Header, Receive, Scope, Send
from .forwarding import FORWARDING_HEADERS, Forwarding

PATH = "/doctor"
HEADER = "Gatehouse-Doctor"
# Seconds that a signature holds, in both directions: clocks of two machines differ.
VALID_FOR = 120

_HEADER = HEADER.lower().encode("ascii")
# Keeps these signatures apart from all others that are made with the same key.
_SALT = "gatehouse.doctor"


@dataclass(frozen=True, slots=True)
class Report:
    """How a request arrived, and what was made of it.

    ``forwarding`` has the lines of every forwarding header by its name, ``hosts`` those of Host, as they came; ``peer``
    is the other end of the connection (empty: a unix socket); ``address`` and ``scheme`` are what was believed.
    """

    public_url: str
    trusted_proxy: str | int
    trusted_proxy_networks: list[str]
    peer: str
    hosts: list[str]
    forwarding: dict[str, list[str]]
    address: str
    scheme: str

    def encode(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, text: bytes) -> "Report":
        """Read what ``encode`` wrote, in this version or a later one; raises ValueError for anything else."""
        try:
            found = json.loads(text)
            report = cls(**{field.name: found[field.name] for field in fields(cls)})
            if _is_whole(report):
                _try_addresses(report)
                return report
        except (TypeError, KeyError, AttributeError, RecursionError):
            pass
        raise ValueError("This is no report.")


def _is_whole(report: Report) -> bool:
    # Whoever answers may not be ours at all.
    lists = [report.hosts, report.trusted_proxy_networks, *report.forwarding.values()]
    texts = [report.public_url, report.peer, report.address, report.scheme, *chain.from_iterable(lists)]
    whole = all(isinstance(each, list) for each in lists) and all(isinstance(each, str) for each in texts)
    return whole and type(report.trusted_proxy) in {str, int}


def _try_addresses(report: Report) -> None:
    """Raise ValueError where one cannot be read; nobody who asks has to try again."""
    setting_addresses.origin(report.public_url)
    if report.peer:
        ip_address(report.peer)
    for network in report.trusted_proxy_networks:
        ip_network(network)


def sign(settings: Settings, origin: str) -> str:
    """Return the value of HEADER for a request to ``origin``; it is good nowhere else, and not for long."""
    return _signer(settings).sign(origin).decode("ascii")


class Inquiry:
    """Wraps an ASGI application and answers the operator's own inquiry in its place."""

    def __init__(self, app: App, settings: Settings, forwarding: Forwarding) -> None:
        self._app = app
        self._settings = settings
        self._signer = _signer(settings)
        self._forwarding = forwarding

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] == PATH and self._is_from_operator(scope):
            return self._answer(scope, send)
        return self._app(scope, receive, send)

    def _is_from_operator(self, scope: Scope) -> bool:
        shown = _lines(scope["headers"], _HEADER)
        if scope["method"] != "GET" or len(shown) != 1:
            return False
        try:
            origin, signed = self._signer.unsign(shown[0], return_timestamp=True)
        except BadSignature:
            return False
        fresh = abs(time.time() - signed.timestamp()) <= VALID_FOR
        return fresh and self._is_for_us(origin.decode(), _lines(scope["headers"], b"host"))

    def _is_for_us(self, origin: str, hosts: list[str]) -> bool:
        # A site whose address was given by mistake cannot ask us with the signature that it was shown. Where a proxy
        # has replaced Host, the address is that of PUBLIC_URL; where it is another name of ours, Host tells.
        return origin == self._settings.public_url or urlsplit(origin).netloc in hosts

    async def _answer(self, scope: Scope, send: Send) -> None:
        body = self._report(scope).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _report(self, scope: Scope) -> Report:
        forwarded: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            if name in FORWARDING_HEADERS:
                forwarded.setdefault(name, []).append(value)
        arrival = self._forwarding.trace(scope.get("client"), forwarded)
        note_address(arrival.address)
        return Report(
            self._settings.public_url,
            self._settings.trusted_proxy,
            [str(network) for network in self._settings.trusted_proxy_networks],
            peer_address(scope.get("client")),
            _lines(scope["headers"], b"host"),
            {name.decode("ascii"): _texts(lines) for name, lines in forwarded.items()},
            arrival.address,
            arrival.scheme,
        )


def _signer(settings: Settings) -> TimestampSigner:
    # The last key signs, and each of them is good for checking.
    keys = [*reversed(settings.secret_key_fallbacks), settings.secret_key]
    return TimestampSigner(keys, _SALT, key_derivation="hmac", digest_method=hashlib.sha256)


def _lines(headers: list[Header], name: bytes) -> list[str]:
    return _texts([value for header, value in headers if header == name])


def _texts(values: list[bytes]) -> list[str]:
    return [value.decode("latin-1") for value in values]
