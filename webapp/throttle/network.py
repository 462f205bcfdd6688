"""What counts as one place that tries come from."""

from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network

# Providers give each customer at least a /64 (RFC 6177, RFC 7421), and each device takes new addresses in it at will:
# counting single addresses would give one attacker 2**64 tries.
IPV6_PREFIX = 64


def network_of(address: str) -> str:
    """Return the network that tries from ``address`` are counted for: an IPv4 address, or the /64 of an IPv6 one.

    An IPv4 address mapped into IPv6 is an IPv4 address. All that is no address is "", one network of its own.
    """
    try:
        return _ipv6_network(IPv6Address(address)) if ":" in address else str(IPv4Address(address))
    except AddressValueError:
        return ""


def _ipv6_network(address: IPv6Address) -> str:
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))
