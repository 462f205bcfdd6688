"""What tries are counted for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.throttle import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("unknown", ""),
        ("192.0.2", ""),
        ("fe80::1%eth0}", "fe80::/64"),
    ],
)
def test_address_belongs_to_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_addresses_of_one_customer_are_one_network(left: int, right: int) -> None:
    def address(last: int) -> str:
        return f"2001:db8:0:1:{last >> 48:x}:{last >> 32 & 0xFFFF:x}:{last >> 16 & 0xFFFF:x}:{last & 0xFFFF:x}"

    assert network_of(address(left)) == network_of(address(right)) == "2001:db8:0:1::/64"


@given(st.text())
def test_no_text_can_bend_a_key(text: str) -> None:
    assert not set(network_of(text)) & set("{} \n%")
