"""Where a request comes from, as the trusted proxies tell it."""

from quart import request

from webapp.throttle.network import network_of


def client_address() -> str:
    """Return the client's address; empty where there is none, as on a Unix socket."""
    return request.remote_addr or ""


def client_network() -> str:
    """Return what limits count by: an IPv4 address, or the /64 that one household or host has in IPv6."""
    return network_of(client_address())
