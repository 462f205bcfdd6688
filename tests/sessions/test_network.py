"""What tells a browser's network from another one."""

from string import ascii_letters, digits

import pytest

from webapp.sessions.network import LENGTH, print_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8:0:0:ffff::2"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "junk"),
    ],
)
def test_addresses_of_one_network_have_the_same_print(one: str, other: str):
    assert print_of(one) == print_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("203.0.113.7", "203.0.113.8"), ("2001:db8::1", "2001:db8:0:1::1"), ("", "203.0.113.7"), ("::cb00:7107", "")],
)
def test_addresses_of_two_networks_have_not(one: str, other: str):
    assert print_of(one) != print_of(other)


@pytest.mark.parametrize("address", ["", "203.0.113.7", "2001:db8::1", "fe80::1%eth0", "x" * 1000, "\ud800"])
def test_print_is_short_and_plain(address: str):
    print_ = print_of(address)
    assert len(print_) == LENGTH
    assert set(print_) <= set(ascii_letters + digits + "-_")
