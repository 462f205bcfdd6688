"""Strict reading of addresses (promise 16)."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.web.addresses import lies_within, parse_address, peer_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:5678", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
    ],
)
def test_address_in_any_usual_spelling_becomes_the_canonical_one(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192.0.2.1\n",
        "unknown",
        "_hidden",
        "localhost",
        "192.0.2",
        "192.0.2.1.1",
        "192.0.2.256",
        "192.0.2.01",
        "0xc0.0.2.1",
        "3221225985",
        "192.0.2.1/32",
        "192.0.2.1:",
        "192.0.2.1:http",
        "192.0.2.1:65536",
        "192.0.2.1:123456",
        "[192.0.2.1]",
        "2001:db8::1]:443",
        "[2001:db8::1",
        "[2001:db8::1]443",
        "[]",
        "[]:80",
        "2001:db8:::1",
        "1:2:3:4:5:6:7:8:9",
        "fe80::1%eth0",
        "[fe80::1%25eth0]:80",
        "for=192.0.2.1",
        '"192.0.2.1"',
        "١٩٢.0.2.1",
        "192.0.2.1, 192.0.2.2",
        "<script>",
        "1" * 10_000,
        "::" + "0" * 10_000,
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert parse_address(text) is None


@given(st.ip_addresses())
def test_every_address_is_read_as_itself(address: IPv4Address | IPv6Address) -> None:
    expected = getattr(address, "ipv4_mapped", None) or address
    assert parse_address(str(address)) == str(expected)


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = parse_address(text)
    assert address is None or str(ip_address(address)) == address


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("192.0.2.1", 1), "192.0.2.1"),
        (("::ffff:192.0.2.1", 1), "192.0.2.1"),
        (("fe80::1%eth0", 1), "fe80::1"),
        (("/run/gatehouse.sock", 0), ""),
        (None, ""),
    ],
)
def test_peer_has_its_canonical_address_or_none(peer: tuple[str, int] | None, address: str) -> None:
    assert peer_address(peer) == address


def test_address_lies_within_networks_of_its_own_family_only() -> None:
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert lies_within("10.1.2.3", networks)
    assert lies_within("fd12::1", networks)
    assert not lies_within("11.0.0.1", networks)
    assert not lies_within("::a00:1", networks)
    assert not lies_within("", networks)
