"""One sentence for the operator when the proxies in front do not look as they are configured.

Such faults are silent otherwise: everybody shares a proxy's address, and with it the sign-in limit, or anybody can
choose one. Each kind is said once in each process, because any client can cause most of them with headers that
it made up, and each says what is to be told apart.

Which number a sentence may name follows from how chains grow. Every proxy adds a value, and clients add as many as they
like: so the values that came are an upper bound for the number of proxies. A number below the right one takes a proxy
for everybody, but lets nobody forge anything; so that one may be named freely. One above the setting is named only
where the configured place, which a proxy of ours has written, holds what is hardly a person.
"""

import logging

log = logging.getLogger(__name__)

# Spelled as their makers do; all others are title case.
SPELLINGS = {b"cf-connecting-ip": "CF-Connecting-IP", b"true-client-ip": "True-Client-IP", b"x-real-ip": "X-Real-IP"}

UNASKED = (
    "%s arrived while TRUSTED_PROXY is none, and was ignored: if a proxy stands in front, everybody has its address. "
    "If this server runs on Heroku, set TRUSTED_PROXY=heroku; if on Render, TRUSTED_PROXY=render; behind proxies of "
    "your own, %s. If no proxy stands in front, a client made it up, and all is well."
)
ONE_PROXY = "set TRUSTED_PROXY=1"
SOME_PROXIES = "set TRUSTED_PROXY to their number, which is %d at the most"
NO_CHAIN = "let them append to X-Forwarded-For, and set TRUSTED_PROXY to their number"

STRANGER = (
    "%s arrived from %s, which is outside TRUSTED_PROXY_NETWORKS, and was ignored. If that is your proxy, add its "
    "network there; if not, keep others from reaching this server directly."
)

TOO_SHORT = (
    "X-Forwarded-For has fewer values (%d) than TRUSTED_PROXY=%s counts; the address of the connection was used. If "
    "this is every request, set TRUSTED_PROXY=%d; if it is only some, requests reach this server around a proxy: let "
    "TRUSTED_PROXY_NETWORKS name the proxies alone."
)
MISSING = (
    "X-Forwarded-For is missing where TRUSTED_PROXY=%s counts on it; the address of the connection was used. If this "
    "is every request, let the proxy append to that header, or set TRUSTED_PROXY=none if there is no proxy; if it is "
    "only some, requests reach this server around the proxy: let TRUSTED_PROXY_NETWORKS name the proxy alone."
)
NO_ADDRESS = (
    "X-Forwarded-For has no address where TRUSTED_PROXY=%s looks for it; the address of the connection was used. Let "
    "the proxy that writes there append the client's address, as 192.0.2.1 or [2001:db8::1]:443."
)
NOT_CLOUDFLARE = (
    "CF-Connecting-IP has %d values where TRUSTED_PROXY=render counts on one; the address of the connection was used. "
    "Behind Render's edge there always is one: if this server runs on Heroku, set TRUSTED_PROXY=heroku; behind proxies "
    "of your own, their number; with no proxy, none. Until then every client can send that header, and be believed."
)

PROXY_AS_CLIENT = (
    "TRUSTED_PROXY=%s takes %s for a client's address, which belongs to a private network, and there are values before "
    "it. If that is a proxy of yours which appends to X-Forwarded-For, set TRUSTED_PROXY=%d; if it is none, or people "
    "come from that network, all is well."
)
CLOUDFLARE = (
    "CF-Connecting-IP arrived, and is not the address that TRUSTED_PROXY=%s finds. If this server runs on Render, set "
    "TRUSTED_PROXY=render; if your own Cloudflare stands in front of your proxies, set TRUSTED_PROXY=%d and let nobody "
    "reach them around it; if neither, a client made it up, and all is well."
)
LOST_SCHEME = (
    "X-Forwarded-Proto is http on a request that has Sec-Fetch-Site, which browsers send over https alone. If pages "
    "redirect to themselves for ever, let the outermost proxy set X-Forwarded-Proto, and those behind it pass it on."
)


class ProxyAdvice:
    """Says once for each kind of doubt which setting would be right."""

    def __init__(self, trusted_proxy: str | int) -> None:
        self._trusted_proxy = trusted_proxy
        self._hops = trusted_proxy if isinstance(trusted_proxy, int) else 1
        self._said: set[str] = set()

    def on_unasked(self, header: bytes, values: int) -> None:
        """Say that ``header`` came although no proxy is configured; ``values`` is the length of X-Forwarded-For."""
        several = SOME_PROXIES % values if values > 1 else ONE_PROXY
        self._say_once(UNASKED, _spelled(header), several if values else NO_CHAIN)

    def on_stranger(self, header: bytes, peer: str) -> None:
        """Say that ``header`` came from ``peer``, which may not be believed."""
        self._say_once(STRANGER, _spelled(header), peer or "a unix socket")

    def on_unusable(self, values: int) -> None:
        """Say that there is no address at the configured place of a header with so many ``values``."""
        if self._trusted_proxy == "render":
            self._say_once(NOT_CLOUDFLARE, values)
        elif not values:
            self._say_once(MISSING, self._trusted_proxy)
        elif values < self._hops:
            self._say_once(TOO_SHORT, values, self._trusted_proxy, values)
        else:
            self._say_once(NO_ADDRESS, self._trusted_proxy)

    def on_proxy_as_client(self, address: str) -> None:
        """Say that the configured place holds an ``address`` that looks like that of one more proxy."""
        self._say_once(PROXY_AS_CLIENT, self._trusted_proxy, address, self._hops + 1)

    def on_cloudflare(self) -> None:
        """Say that Cloudflare, if it was that, saw another client than the configured place holds."""
        self._say_once(CLOUDFLARE, self._trusted_proxy, self._hops + 1)

    def on_lost_scheme(self) -> None:
        """Say that a proxy has put its own scheme over the browser's."""
        self._say_once(LOST_SCHEME)

    def _say_once(self, sentence: str, *values: object) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            log.warning(sentence, *values)


def _spelled(header: bytes) -> str:
    return SPELLINGS.get(header) or header.decode("ascii").title()
