"""Where a request comes from, as the trusted proxies tell it, and what it comes from, as the browser tells it."""

from collections.abc import Awaitable, Callable

from quart import request

from webapp.accounts.browsers import ShownBrowser
from webapp.accounts.client import Client
from webapp.history import Origin
from webapp.sessions.client_hints import HINTS
from webapp.sessions.device import Device
from webapp.throttle.network import network_of

from .context import services


def client_address() -> str:
    """Return the client's address; empty where there is none, as on a Unix socket."""
    return request.remote_addr or ""


def client_network() -> str:
    """Return what limits count by: an IPv4 address, or the /64 that one household or host has in IPv6."""
    return network_of(client_address())


def client_device() -> Device:
    """Return what the client says it is: for people to know it again, and never proof of anything."""
    headers = request.headers
    return Device.from_headers(headers.get("User-Agent", ""), {name: headers.get(name, "") for name in HINTS})


def client_origin(session_id: str = "") -> Origin:
    """Return from where something is done, for the history; ``session_id`` where that was in a session."""
    address = client_address()
    return Origin(session_id, client_device().encode(), address, services().places.place_of(address))


def client_of(origin: Origin, keep_browser: Callable[[str], Awaitable[ShownBrowser]] | None) -> Client:
    """Return all of it, for a new password; ``keep_browser`` gives the browser that is known with that."""
    return Client(client_network(), client_device().label, origin, keep_browser)
