"""What stands in front of a web service on Render: Cloudflare's edge and Render's own.

Cloudflare's as its page "HTTP headers" describes it; of Render's own only what people have measured is known.
"""

from itertools import cycle
from uuid import uuid4

from proxies.head import Head
from proxies.router import REFUSAL, SimulatedRouter, main

# Each entry is what the edges behind Cloudflare's append: its address, and now and then a balancer's of Render.
EDGES = ((b"172.68.0.10",), (b"172.71.4.31", b"10.16.44.2"), (b"172.68.0.11", b"10.16.45.9"))
REDIRECT = b"HTTP/1.1 301 Moved\r\nLocation: https://%b%b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class RenderRules:
    """What those edges do with heads. X-Forwarded-Host and others that they do not set stay as the client sent them."""

    def __init__(self) -> None:
        self._edges = cycle(EDGES)

    def refused(self, head: Head, scheme: str) -> bytes | None:
        """Plain http ends at the edge, by a redirect."""
        host = b"".join(head.values(b"host")[:1])
        if head.words[0] == b"CONNECT":
            return REFUSAL % 405
        return REDIRECT % (host, head.words[1]) if scheme == "http" else None

    def request(self, head: Head, client: str, scheme: str) -> None:
        """Overwrite Cloudflare's two headers; keep the client's chain and append to it, never the same again."""
        for name in (b"cf-connecting-ip", b"true-client-ip"):
            head.put(name, client.encode())
        for address in (client.encode(), *next(self._edges)):
            head.append(b"x-forwarded-for", address)
        head.put(b"x-forwarded-proto", scheme.encode())
        head.put(b"rndr-id", uuid4().hex[:16].encode())

    def answer(self, head: Head) -> None:
        """Sign the answer."""
        head.put(b"x-render-origin-server", b"".join(head.values(b"server")))
        head.put(b"rndr-id", uuid4().hex[:16].encode())
        head.put(b"server", b"cloudflare")


class RenderRouter(SimulatedRouter):
    """Render's edges in front of ``place.upstream``."""

    module = "proxies.render_router"


if __name__ == "__main__":
    main(RenderRules())
