"""Which forwarding headers are believed (promise 16)."""

from ipaddress import ip_address

import pytest
from asgi_calls import PEER, settings
from hypothesis import given
from hypothesis import strategies as st

from webapp.web.addresses import parse_address
from webapp.web.forwarding import Arrival, Forwarding

FORGED = "203.0.113.66"
CLIENT = "192.0.2.1"
PROXY = "198.51.100.7"


def trace(trusted: str, *lines: tuple[str, str], peer: tuple[str, int] | None = PEER, **variables: str) -> Arrival:
    found: dict[bytes, list[bytes]] = {}
    for name, value in lines:
        found.setdefault(name.encode(), []).append(value.encode("latin-1"))
    return Forwarding(settings(TRUSTED_PROXY=trusted, **variables)).trace(peer, found)


def address_of(trusted: str, *chains: str) -> str:
    return trace(trusted, *(("x-forwarded-for", chain) for chain in chains)).address


@pytest.mark.parametrize("header", ["x-forwarded-for", "cf-connecting-ip", "forwarded", "x-real-ip", "true-client-ip"])
def test_no_header_is_believed_where_no_proxy_is_configured(header: str) -> None:
    assert trace("none", (header, FORGED), ("x-forwarded-proto", "http")) == Arrival(*PEER, "https")


@pytest.mark.parametrize(
    ("trusted", "chains", "expected"),
    [
        ("heroku", [CLIENT], CLIENT),
        ("heroku", [f"{FORGED}, {CLIENT}"], CLIENT),
        ("heroku", [f"{FORGED}, {FORGED},{CLIENT}"], CLIENT),
        ("heroku", [FORGED, CLIENT], CLIENT),
        ("heroku", [f"{FORGED}, {FORGED}", CLIENT], CLIENT),
        ("1", [f"{FORGED}, {CLIENT}"], CLIENT),
        ("2", [f"{CLIENT}, {PROXY}"], CLIENT),
        ("2", [f"{FORGED}, {CLIENT}, {PROXY}"], CLIENT),
        ("2", [FORGED, CLIENT, PROXY], CLIENT),
        ("3", [f"{FORGED}, {CLIENT}, {PROXY}, {PROXY}"], CLIENT),
    ],
)
def test_client_is_counted_from_the_right_over_all_lines(trusted: str, chains: list[str], expected: str) -> None:
    assert address_of(trusted, *chains) == expected


@pytest.mark.parametrize(
    ("trusted", "chains"),
    [
        ("heroku", []),
        ("heroku", [""]),
        ("heroku", [f"{FORGED},"]),
        ("heroku", [f"{FORGED}, "]),
        ("heroku", [f"{FORGED}, unknown"]),
        ("heroku", [f"{FORGED}, fe80::1%eth0"]),
        ("heroku", [f"{FORGED}, 1.2.3.4.5"]),
        ("heroku", [f"{FORGED}; {CLIENT}"]),
        ("heroku", [f"{FORGED}, \xff"]),
        ("2", [CLIENT]),
        ("3", [f"{CLIENT}, {PROXY}"]),
        ("2", [f"{FORGED}, , {PROXY}"]),
        ("2", [f"{FORGED}, junk, {PROXY}"]),
    ],
)
def test_chain_too_short_or_without_address_gives_the_peer_never_the_forged_end(
    trusted: str, chains: list[str]
) -> None:
    assert address_of(trusted, *chains) == PEER[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("192.0.2.1:5678", CLIENT),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", CLIENT),
        ("\t192.0.2.1 ", CLIENT),
    ],
)
def test_client_is_told_in_canonical_form(written: str, expected: str) -> None:
    assert address_of("heroku", f"{FORGED},{written}") == expected


def test_forwarded_client_has_no_port() -> None:
    assert trace("heroku", ("x-forwarded-for", f"{CLIENT}:5678")).port == 0


def test_render_believes_cloudflare_and_nothing_else() -> None:
    lines = ("cf-connecting-ip", CLIENT), ("x-forwarded-for", FORGED), ("true-client-ip", FORGED)
    assert trace("render", *lines).address == CLIENT


@pytest.mark.parametrize("values", [[], [""], [FORGED, CLIENT], [f"{FORGED}, {CLIENT}"], ["junk"]])
def test_render_without_exactly_one_client_gives_the_peer(values: list[str]) -> None:
    lines = [("cf-connecting-ip", value) for value in values]
    assert trace("render", ("x-forwarded-for", FORGED), *lines).address == PEER[0]


@pytest.mark.parametrize("header", ["forwarded", "x-real-ip", "cf-connecting-ip", "x-forwarded-host", "client-ip"])
def test_headers_that_the_proxy_does_not_set_are_not_believed(header: str) -> None:
    lines = (header, f"for={FORGED}"), (header, FORGED), ("x-forwarded-for", CLIENT)
    assert trace("heroku", *lines).address == CLIENT


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (("10.1.2.3", 1), CLIENT),
        (("::ffff:10.1.2.3", 1), CLIENT),
        (("11.0.0.1", 1), "11.0.0.1"),
        (("2001:db8::1", 1), "2001:db8::1"),
        (None, ""),
    ],
)
def test_only_peers_in_the_networks_are_believed(peer: tuple[str, int] | None, expected: str) -> None:
    networks = "10.0.0.0/8, fd00::/8"
    lines = ("x-forwarded-for", CLIENT), ("x-forwarded-proto", "http")
    arrival = trace("heroku", *lines, peer=peer, TRUSTED_PROXY_NETWORKS=networks)
    assert arrival.address == expected
    assert arrival.scheme == ("http" if expected == CLIENT else "https")


def test_unix_socket_peer_is_believed_where_no_networks_are_given() -> None:
    assert trace("1", ("x-forwarded-for", CLIENT), peer=None).address == CLIENT
    assert trace("1", peer=None).address == ""


@pytest.mark.parametrize(
    ("trusted", "values", "expected"),
    [
        ("heroku", ["http"], "http"),
        ("heroku", ["https"], "https"),
        ("heroku", ["http, https"], "https"),
        ("heroku", ["https", "http"], "http"),
        ("2", ["http"], "http"),
        ("2", ["https, http, https"], "http"),
        ("3", ["http, http"], "https"),
        ("render", ["http"], "http"),
        ("render", ["http, http"], "https"),
        ("heroku", [], "https"),
        ("heroku", [""], "https"),
        ("heroku", ["javascript"], "https"),
        ("heroku", ["HTTP"], "https"),
        ("heroku", ["http,"], "https"),
    ],
)
def test_scheme_comes_from_the_same_hop_or_is_that_of_public_url(
    trusted: str, values: list[str], expected: str
) -> None:
    assert trace(trusted, *(("x-forwarded-proto", value) for value in values)).scheme == expected


ELEMENTS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda address: f"{address}:80"),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]:443"),
    st.sampled_from(["", " ", "unknown", "fe80::1%eth0", "[::1", "1.2.3.4/8", "127.1"]),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters=","), max_size=20),
)


@given(lines=st.lists(st.lists(ELEMENTS, min_size=1, max_size=4), max_size=4), hops=st.integers(1, 9))
def test_address_is_the_peer_or_the_value_at_the_configured_place(lines: list[list[str]], hops: int) -> None:
    address = address_of(str(hops), *(",".join(line) for line in lines))
    values = [value for line in lines for value in line]
    configured = parse_address(values[-hops].strip(" \t")) if len(values) >= hops else None
    assert address == (configured or PEER[0])
    assert str(ip_address(address)) == address
