"""HAProxy: it writes the client on a header line of its own, and lets any Upgrade through."""

from collections.abc import Sequence

from programs import program
from proxies.proxy import Place, Proxy
from proxies.running import Address, loopback
from system_packages import HAPROXY

CONFIG = """
defaults
    mode http
    option forwardfor
    # A connection to the server is shared by all clients, as smugglers like it.
    http-reuse always
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 30s

frontend https
{https}
    {set_https}
    default_backend behind

frontend http
{http}
    {set_http}
    default_backend behind

backend behind
    server behind {upstream} {source}
"""


class Haproxy(Proxy):
    """HAProxy in front of ``place.upstream``."""

    def _command(self, place: Place) -> Sequence[str]:
        file = place.folder / "haproxy.cfg"
        tls = f" ssl crt {place.certificate} alpn h2,http/1.1"
        file.write_text(
            CONFIG.format(
                https=_binds(self.https, tls),
                http=_binds(self.http),
                set_https=_scheme("https", place),
                set_http=_scheme("http", place),
                upstream=place.upstream,
                source=f"source {place.source}" if place.source else "",
            )
        )
        return [program(HAPROXY), "-db", "-f", str(file)]


def _binds(port: int, tls: str = "") -> str:
    return "\n".join(f"    bind {Address(host, port)}{tls}" for host in loopback())


def _scheme(scheme: str, place: Place) -> str:
    return "" if place.inner else f"http-request set-header X-Forwarded-Proto {scheme}"
