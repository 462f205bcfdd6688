"""nginx, as its own documentation has it: one line for the chain, the scheme, and the usual lines for websockets."""

from collections.abc import Sequence

from programs import program
from proxies.proxy import Place, Proxy
from proxies.running import loopback
from system_packages import NGINX

# How the client may be written at the end of the chain: most proxies write the bare address, Azure's one with a port.
SPELLINGS = {"bare": "$remote_addr", "in brackets": "$bracketed", "with its port": "$bracketed:$remote_port"}
# An IPv6 socket that IPv4 arrives at, as "listen [::]:443 ipv6only=off" opens it, though for this machine alone.
MAPPED = "::ffff:127.0.0.1"

# How each of ours begins: it keeps what it writes in a folder of its own.
BEGINNING = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
"""
CONFIG = (
    BEGINNING
    + """
    # What every answer on websockets behind nginx recommends; it lets any other Upgrade through as well.
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    map $remote_addr $bracketed {{ default $remote_addr; ~: [$remote_addr]; }}
    map $http_x_forwarded_for $chain {{ default "$http_x_forwarded_for, "; "" ""; }}

    upstream behind {{ server {upstream}; keepalive 4; }}
    server {{
{listens}
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        location / {{
            proxy_pass http://behind;
            {bind}
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For "$chain{client}";
            proxy_set_header X-Forwarded-Proto {scheme};
        }}
    }}
}}
"""
)


class Nginx(Proxy):
    """nginx in front of ``place.upstream``; ``spelling`` is how it writes its clients (a name of SPELLINGS).

    With ``mapped`` it sees IPv4 clients as IPv6 ones. With ``forgets_scheme`` it is an inner one that tells the scheme
    of the connection it got, as most instructions for a single nginx have it.
    """

    def __init__(
        self, place: Place, *, spelling: str = "bare", mapped: bool = False, forgets_scheme: bool = False
    ) -> None:
        self._client = SPELLINGS[spelling]
        self._hosts = (MAPPED,) if mapped else loopback()
        self._own_scheme = forgets_scheme or not place.inner
        super().__init__(place)

    def _command(self, place: Place) -> Sequence[str]:
        file = place.folder / "nginx.conf"
        file.write_text(
            CONFIG.format(
                folder=place.folder,
                upstream=place.upstream,
                listens="\n".join(map(self._listen, self._hosts)),
                certificate=place.certificate,
                bind=f"proxy_bind {place.source};" if place.source else "",
                client=self._client,
                scheme="$scheme" if self._own_scheme else "$http_x_forwarded_proto",
            )
        )
        # -e: its compiled-in log belongs to root, and it looks for that one before it reads the configuration.
        return [program(NGINX), "-e", "stderr", "-c", str(file)]

    def _listen(self, host: str) -> str:
        at = f"[{host}]" if ":" in host else host
        both = " ipv6only=off" if host == MAPPED else ""
        return f"        listen {at}:{self.https} ssl http2{both};\n        listen {at}:{self.http}{both};"
