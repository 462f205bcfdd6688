"""Heroku's router, as "HTTP Routing" in its Dev Center describes Router 2.0.

What that page does not tell of is passed on untouched.
"""

import re
import time
from uuid import uuid4

from proxies.head import Head
from proxies.router import REFUSAL, SimulatedRouter, main

# What may be a client's own X-Request-Id; any other is replaced.
REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{20,200}")
PORTS = {"http": b"80", "https": b"443"}


class HerokuRules:
    """What Heroku's router does with heads. Plain http is passed on like https."""

    def refused(self, head: Head, scheme: str) -> bytes | None:  # noqa: ARG002  (Render's rules ask for it.)
        """CONNECT is refused, and so is more than one Host (changelog 1002)."""
        if head.words[0] == b"CONNECT":
            return REFUSAL % 405
        return REFUSAL % 400 if len(head.values(b"host")) != 1 else None

    def request(self, head: Head, client: str, scheme: str) -> None:
        """Append to the chain, and set the five headers that are its own.

        X-Forwarded-Host, Forwarded and all others are not on its list, and stay as the client has sent them.
        """
        head.append(b"x-forwarded-for", client.encode())
        head.put(b"x-forwarded-proto", scheme.encode())
        head.put(b"x-forwarded-port", PORTS[scheme])
        head.put(b"x-request-start", b"%d" % (time.time() * 1000))
        [*_, request_id] = [b"", *head.values(b"x-request-id")]
        head.put(b"x-request-id", request_id if REQUEST_ID.fullmatch(request_id) else str(uuid4()).encode())
        head.put(b"via", b"1.1 heroku-router")

    def answer(self, head: Head) -> None:
        """Add the headers by which browsers report failures to Heroku."""
        head.append(b"via", b"1.1 heroku-router")
        head.append(b"nel", b'{"report_to":"heroku-nel"}')
        head.append(b"report-to", b'{"group":"heroku-nel"}')
        head.append(b"reporting-endpoints", b'heroku-nel="https://nel.heroku.test/reports"')


class HerokuRouter(SimulatedRouter):
    """Heroku's router in front of ``place.upstream``."""

    module = "proxies.heroku_router"


if __name__ == "__main__":
    main(HerokuRules())
