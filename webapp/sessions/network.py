"""What tells a browser's network from another one, in a few characters."""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address

# As long as SHORT in secrets.lua. Two networks that have the same by chance are one for a renewal, no more.
LENGTH = 6
# A device takes new addresses at will in the /64 that its provider gives it (RFC 8981).
IPV6_HOST_BITS = 64


# A page is asked for from the same few thousand networks again and again.
@lru_cache(maxsize=4096)
def print_of(address: str) -> str:
    """Return the print of an IPv4 address, or of the /64 of an IPv6 one; all that is no address has one in common."""
    return urlsafe_b64encode(sha256(_network(address).encode()).digest()).decode()[:LENGTH]


def _network(address: str) -> str:
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else f"{int(parsed) >> IPV6_HOST_BITS:x}/64"
    return str(parsed)
