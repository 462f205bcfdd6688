"""One sentence for the operator when the proxies in front do not look as they are configured.

Such faults are silent otherwise: everybody shares the proxy's address, and with it the sign-in limit. Each kind is said
once in the life of a process, because any client can cause them with headers that it made up. For the same reason no
sentence takes a number of hops out of such headers and recommends it.
"""

import logging

log = logging.getLogger(__name__)

UNASKED = (
    "%s arrived while TRUSTED_PROXY is none, and was ignored. If a proxy stands in front of this server, set "
    "TRUSTED_PROXY to heroku, to render or to the number of proxies; if none does, a client made it up."
)
STRANGER = (
    "%s arrived from %s, which is outside TRUSTED_PROXY_NETWORKS, and was ignored. If that is your proxy, add its "
    "network there; if not, keep others from reaching this server directly."
)
UNUSABLE = (
    "%s has %d values and no address where TRUSTED_PROXY=%s looks for it; the address of the connection is used. If "
    "this is every request, set TRUSTED_PROXY to the number of proxies in front (none where there is no proxy); if it "
    "is only some, requests reach this server around the proxy."
)


class ProxyAdvice:
    """Says once for each kind of doubt which setting would be right."""

    def __init__(self, trusted_proxy: str | int) -> None:
        self._trusted_proxy = trusted_proxy
        self._said: set[str] = set()

    def on_unasked(self, header: bytes) -> None:
        """Say that there are forwarding headers although no proxy is configured."""
        self._say_once(UNASKED, _spelled(header))

    def on_stranger(self, header: bytes, peer: str) -> None:
        """Say that forwarding headers came from ``peer``, which may not be believed."""
        self._say_once(STRANGER, _spelled(header), peer or "a unix socket")

    def on_unusable(self, header: bytes, values: int) -> None:
        """Say that the configured place of ``header``, which came with so many ``values``, holds no address."""
        self._say_once(UNUSABLE, _spelled(header), values, self._trusted_proxy)

    def _say_once(self, sentence: str, *values: object) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            log.warning(sentence, *values)


def _spelled(header: bytes) -> str:
    return header.decode("ascii").title()
