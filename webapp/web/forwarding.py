"""Who is really asking, and over which scheme, as the configured proxies tell it (promise 16).

Every proxy appends what it saw at the right end of a list, behind whatever the client has sent. So only the value that
is the configured number of places from the right was written by a proxy of ours; everything to its left may be forged.
Where that value is missing or is no address, nothing else in the list is believed instead: the peer's own address is
used, which can be wrong for the person but never chosen by an attacker.
"""

from collections.abc import Mapping
from typing import NamedTuple

from webapp.settings import Settings

from .addresses import is_private, lies_within, parse_address, peer_address
from .proxy_advice import ProxyAdvice

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
# Cloudflare overwrites it with the one address that it saw (its page "HTTP headers").
CLOUDFLARE_CLIENT = b"cf-connecting-ip"

# Everything that some framework, library or product takes for the client's address, host or scheme. All of it is taken
# out of every request, so that nothing behind this middleware can believe a forged one by mistake.
FORWARDING_HEADERS = frozenset(
    {
        FORWARDED_FOR,
        FORWARDED_PROTO,
        CLOUDFLARE_CLIENT,
        b"cf-connecting-ipv6",
        b"client-ip",
        b"forwarded",
        b"front-end-https",
        b"remote-addr",
        b"true-client-ip",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-forwarded",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-protocol",
        b"x-forwarded-scheme",
        b"x-forwarded-server",
        b"x-forwarded-ssl",
        b"x-original-forwarded-for",
        b"x-original-host",
        b"x-original-url",
        b"x-real-ip",
        b"x-rewrite-url",
        b"x-url-scheme",
    }
)

Lines = Mapping[bytes, list[bytes]]
Peer = tuple[str, int] | None


class Arrival(NamedTuple):
    """How a request came: the client's canonical address ("" where it has none), its port (0: unknown), its scheme."""

    address: str
    port: int
    scheme: str


class Forwarding:
    """Decides for each request which of its forwarding headers to believe, by ``TRUSTED_PROXY``."""

    def __init__(self, settings: Settings) -> None:
        self._behind_proxy = settings.behind_proxy
        self._networks = settings.trusted_proxy_networks
        self._public_scheme = "https" if settings.secure else "http"
        self._address_header, self._hops = _place_of_client(settings.trusted_proxy)
        self._advice = ProxyAdvice(settings.trusted_proxy)

    def trace(self, peer: Peer, lines: Lines) -> Arrival:
        """Tell how a request arrived.

        ``peer`` is the other end of the connection (None: a unix socket); ``lines`` has all values of each header of
        FORWARDING_HEADERS, one for each line, in the order in which they came.
        """
        direct = self.direct(peer)
        if not self._may_be_believed(direct.address, lines):
            return direct
        address = self._forwarded_address(lines)
        scheme = self._forwarded_scheme(lines)
        return Arrival(address, 0, scheme) if address else Arrival(direct.address, direct.port, scheme)

    def on_lost_scheme(self) -> None:
        """Hear that a request which is said to have come over plain http came from a browser over https."""
        self._advice.on_lost_scheme()

    def direct(self, peer: Peer) -> Arrival:
        """Tell how a request arrived if nothing in it is believed: from its peer, over the scheme of PUBLIC_URL."""
        return Arrival(peer_address(peer), peer[1] if peer else 0, self._public_scheme)

    def _may_be_believed(self, peer: str, lines: Lines) -> bool:
        believed = self._behind_proxy and (not self._networks or lies_within(peer, self._networks))
        if lines and not believed:
            self._advise_on_ignored(peer, lines)
        return believed

    def _advise_on_ignored(self, peer: str, lines: Lines) -> None:
        header = next(iter(lines))
        if self._behind_proxy:
            self._advice.on_stranger(header, peer)
        else:
            self._advice.on_unasked(header, len(_values(lines, FORWARDED_FOR)))

    def _forwarded_address(self, lines: Lines) -> str | None:
        values = _values(lines, self._address_header)
        address = parse_address(_pick(values, self._hops))
        if address is None:
            self._advice.on_unusable(len(values))
        elif self._hops:
            self._advise_on_believed(address, self._hops, len(values), lines)
        return address

    def _advise_on_believed(self, address: str, hops: int, values: int, lines: Lines) -> None:
        # A proxy of ours has written this address, so it is no client's claim; what stands before it may be one.
        if values > hops and is_private(address):
            self._advice.on_proxy_as_client(address)
        # Where Cloudflare stands in front and is counted, it tells in both headers of the same client.
        if CLOUDFLARE_CLIENT in lines and parse_address(_pick(_values(lines, CLOUDFLARE_CLIENT), None)) != address:
            self._advice.on_cloudflare()

    def _forwarded_scheme(self, lines: Lines) -> str:
        """Return what the browser spoke with the outermost of our proxies.

        A proxy in the middle often passes on the one value that the first has set, so a single value is taken as it
        is. Where nothing usable came, it is the scheme of PUBLIC_URL: by that alone cookies are Secure and links are
        made, so that forging or leaving out this header gains nothing.
        """
        values = _values(lines, FORWARDED_PROTO)
        scheme = values[0] if len(values) == 1 else _pick(values, self._hops)
        return scheme if scheme in {"http", "https"} else self._public_scheme


def _place_of_client(trusted_proxy: str | int) -> tuple[bytes, int | None]:
    """Return the header with the client's address, and its place from the right (None: it is the only value)."""
    if trusted_proxy == "render":
        # People saw two and three values in Render's chain: no place in it can be relied upon.
        return CLOUDFLARE_CLIENT, None
    return FORWARDED_FOR, trusted_proxy if isinstance(trusted_proxy, int) else 1


def _values(lines: Lines, name: bytes) -> list[str]:
    # Lines of one name are one list (RFC 9110, 5.3). Empty places are kept: dropping them would shift the others.
    found = lines.get(name)
    return [value.strip(" \t") for value in b",".join(found).decode("latin-1").split(",")] if found else []


def _pick(values: list[str], hops: int | None) -> str:
    """Return the value at that place from the right, or the only one; empty where the list has another length."""
    if hops is None:
        return values[0] if len(values) == 1 else ""
    return values[-hops] if len(values) >= hops else ""
