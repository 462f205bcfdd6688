"""nginx in front of two servers, as most people set it up: it buffers what it is not asked to pass on at once."""

from collections.abc import Sequence
from pathlib import Path

from ports import free_port
from programs import program
from proxies.nginx import BEGINNING
from proxies.running import Address, Running, loopback
from system_packages import NGINX

# Names one of the two servers where a journey is about one process and the other; everybody else gets either in turn.
PIN = "X-Process"
FIRST, SECOND = {PIN: "first"}, {PIN: "second"}
# Says which of the two has answered.
SERVED_BY = "x-served-by"

# Nothing is said about buffers and waits: those are nginx's own, 60 seconds without a byte among them.
CONFIG = (
    BEGINNING
    + """
    map $http_x_process $behind {{ default both; first first; second second; }}
    upstream both {{ server {first}; server {second}; keepalive 4; }}
    upstream first {{ server {first}; }}
    upstream second {{ server {second}; }}
{doors}
}}
"""
)

DOOR = """
    server {{
{listens}
        location / {{
            proxy_pass http://$behind;
            proxy_http_version {version};
            proxy_set_header Host localhost:{port};
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            add_header {served_by} $upstream_addr always;
        }}
    }}
"""


class Balancer:
    """nginx on ``port``, with HTTP/1.1 to browsers and servers, which takes turns between ``first`` and ``second``.

    On ``old_port`` it speaks HTTP/1.0 with them, as it does where nobody tells it otherwise: an answer without chunks
    and without a length is one that it likes to hold back.
    """

    def __init__(self, folder: Path, port: int, first: Address, second: Address) -> None:
        self.old_port = free_port()
        file = folder / "nginx.conf"
        doors = "".join(_door(at, version, port) for at, version in ((port, "1.1"), (self.old_port, "1.0")))
        file.write_text(CONFIG.format(folder=folder, first=first, second=second, doors=doors))
        # -e: its compiled-in log belongs to root, and it looks for that one before it reads the configuration.
        words: Sequence[str] = [program(NGINX), "-e", "stderr", "-c", str(file)]
        # It needs no rights, and its workers would give root's away by themselves.
        self._process = Running(folder, words, [port, self.old_port], "nobody")

    def stop(self) -> None:
        """End it, and wait for its end."""
        self._process.stop()


def _door(at: int, version: str, port: int) -> str:
    hosts = (f"[{host}]" if ":" in host else host for host in loopback())
    listens = "\n".join(f"        listen {host}:{at};" for host in hosts)
    return DOOR.format(listens=listens, version=version, port=port, served_by=SERVED_BY)
