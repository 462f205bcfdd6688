"""Caddy: it believes no forwarding header that it was not told to believe, and writes the chain anew."""

from collections.abc import Sequence

from programs import program
from proxies.proxy import Place, Proxy
from proxies.running import loopback
from system_packages import CADDY

CONFIG = """
{{
    admin off
    # Otherwise it would ask an authority on the network for certificates.
    auto_https off
    grace_period 1s
    servers {{
        protocols h1 h2
    }}
}}

(behind) {{
    bind {hosts}
    reverse_proxy {upstream} {{
        {trusted}
    }}
}}

https://:{https} {{
    tls {certificate} {certificate}
    import behind
}}

http://:{http} {{
    import behind
}}
"""


class Caddy(Proxy):
    """Caddy in front of ``place.upstream``; Debian's cannot choose the address from which it connects."""

    def _command(self, place: Place) -> Sequence[str]:
        file = place.folder / "Caddyfile"
        file.write_text(
            CONFIG.format(
                hosts=" ".join(loopback()),
                upstream=place.upstream,
                trusted="trusted_proxies 127.0.0.0/8 ::1/128" if place.inner else "",
                https=self.https,
                http=self.http,
                certificate=place.certificate,
            )
        )
        return [program(CADDY), "run", "--adapter", "caddyfile", "--config", str(file)]
