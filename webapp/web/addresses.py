"""Reading IP addresses that strangers have written: strictly, or not at all."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

Network = IPv4Network | IPv6Network

# The longest that is well-formed is a mapped IPv4 address in brackets with a port: 53 characters.
LONGEST = 64
# Clients come back and proxies are few, so most addresses have been read before. The bound keeps a flood of invented
# ones from filling the memory.
CACHED = 4096
HIGHEST_PORT = 65535

# IPv6 in brackets or IPv4, both with or without a port; or bare IPv6. The alphabets keep out zone ids ("fe80::1%eth0"),
# networks ("10.0.0.0/8"), obfuscated names ("unknown", "_hidden"), white space and digits of other scripts.
WRITTEN = re.compile(
    r"(?:\[(?P<bracketed>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?|(?P<bare>[0-9A-Fa-f:.]+)",
)


def parse_address(text: str) -> str | None:
    """Return the address in ``text`` in its one canonical spelling, or None where it is not exactly one address.

    Brackets and port are taken off ("[::1]:443"), and an IPv4 address mapped into IPv6 ("::ffff:192.0.2.1") becomes
    IPv4, so that one client has one address however it is written.
    """
    return _parse(text) if len(text) <= LONGEST else None


@lru_cache(CACHED)
def _parse(text: str) -> str | None:
    written = WRITTEN.fullmatch(text)
    if written is None or int(written["port"] or 0) > HIGHEST_PORT:
        return None
    try:
        return str(_address(written["four"], written["bracketed"] or written["bare"]))
    except AddressValueError:
        return None


def _address(four: str | None, six: str) -> IPv4Address | IPv6Address:
    if four is not None:
        return IPv4Address(four)
    address = IPv6Address(six)
    return address.ipv4_mapped or address


def peer_address(peer: tuple[str, int] | None) -> str:
    """Return the canonical address of the other end of the connection; empty for a unix socket, which has none."""
    if peer is None:
        return ""
    # The operating system tells the zone of a link-local peer ("fe80::1%eth0"); it is no part of the address.
    return parse_address(peer[0].partition("%")[0]) or ""


@lru_cache(CACHED)
def lies_within(address: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether a canonical ``address`` belongs to one of ``networks``; the empty one belongs to none."""
    if not address:
        return False
    parsed = IPv6Address(address) if ":" in address else IPv4Address(address)
    return any(parsed in network for network in networks)


@lru_cache(CACHED)
def is_private(address: str) -> bool:
    """Tell whether a canonical ``address`` is one that nobody has on the open internet: private, shared or local."""
    return not (IPv6Address(address) if ":" in address else IPv4Address(address)).is_global
