"""The one sentence for the operator whose proxies do not look as they are configured."""

from urllib.parse import urlsplit

import pytest
from asgi_calls import HOST, PEER, Inside, call, guarded, http_scope, settings
from pages import Site
from serving import ask

from webapp.settings import Settings
from webapp.web import inquiry
from webapp.web.forwarding import Forwarding

CLIENT, OTHER, PRIVATE = "203.0.114.66", "198.41.0.4", "10.0.0.7"
SCHEME = {b"x-forwarded-proto": [b"https"]}
CHAIN = {b"x-forwarded-for": [CLIENT.encode()], **SCHEME}

Lines = dict[bytes, list[bytes]]


def chain(*addresses: str, cloudflare: str = "") -> Lines:
    """Give the lines of a chain, and Cloudflare's if it is there."""
    lines = {b"x-forwarded-for": [", ".join(addresses).encode()], **SCHEME}
    return {**lines, b"cf-connecting-ip": [cloudflare.encode()]} if cloudflare else lines


def advice(caplog: pytest.LogCaptureFixture, lines: Lines, **variables: str) -> list[str]:
    forwarding = Forwarding(settings(**variables))
    for _ in range(3):
        forwarding.trace(PEER, lines)
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (chain(CLIENT), "X-Forwarded-For arrived while TRUSTED_PROXY is none"),
        (chain(CLIENT), "behind proxies of your own, set TRUSTED_PROXY=1."),
        (
            chain(CLIENT, OTHER),
            "behind proxies of your own, set TRUSTED_PROXY to their number, which is 2 at the most.",
        ),
        (SCHEME, "X-Forwarded-Proto arrived while TRUSTED_PROXY is none"),
        ({b"x-real-ip": [b"192.0.2.1"]}, "X-Real-IP arrived"),
        ({b"x-real-ip": [b"192.0.2.1"]}, "let them append to X-Forwarded-For, and set TRUSTED_PROXY to their number."),
        ({b"cf-connecting-ip": [b"192.0.2.1"]}, "if on Render, TRUSTED_PROXY=render"),
        ({b"forwarded": [b"for=192.0.2.1"]}, "on Heroku, set TRUSTED_PROXY=heroku"),
    ],
)
def test_unasked_headers_are_told_once_with_each_setting_that_may_be_right(
    caplog: pytest.LogCaptureFixture, lines: Lines, told: str
) -> None:
    [sentence] = advice(caplog, lines)
    assert told in sentence


def test_headers_of_a_stranger_are_told_once_with_its_address(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, CHAIN, TRUSTED_PROXY="heroku", TRUSTED_PROXY_NETWORKS="192.0.2.0/24")
    assert f"from {PEER[0]}, which is outside TRUSTED_PROXY_NETWORKS" in sentence


@pytest.mark.parametrize(("trusted", "values"), [("2", 1), ("4", 2), ("9", 8)])
def test_chain_that_is_too_short_is_told_once_with_the_setting_that_fits_it(
    caplog: pytest.LogCaptureFixture, trusted: str, values: int
) -> None:
    [sentence] = advice(caplog, chain(*[CLIENT] * values), TRUSTED_PROXY=trusted)
    assert f"X-Forwarded-For has fewer values ({values}) than TRUSTED_PROXY={trusted} counts" in sentence
    assert f"If this is every request, set TRUSTED_PROXY={values};" in sentence


@pytest.mark.parametrize("trusted", ["1", "3", "heroku"])
@pytest.mark.parametrize("lines", [{}, SCHEME, {b"x-real-ip": [b"192.0.2.1"]}])
def test_chain_that_is_missing_is_told_once(caplog: pytest.LogCaptureFixture, trusted: str, lines: Lines) -> None:
    [sentence] = advice(caplog, lines, TRUSTED_PROXY=trusted)
    assert f"X-Forwarded-For is missing where TRUSTED_PROXY={trusted} counts on it" in sentence
    assert "let the proxy append to that header, or set TRUSTED_PROXY=none if there is no proxy" in sentence


@pytest.mark.parametrize("written", ["unknown", "", "fe80::1%eth0"])
def test_place_without_an_address_is_told_once(caplog: pytest.LogCaptureFixture, written: str) -> None:
    [sentence] = advice(caplog, chain(CLIENT, written), TRUSTED_PROXY="heroku")
    assert "X-Forwarded-For has no address where TRUSTED_PROXY=heroku looks for it" in sentence


@pytest.mark.parametrize(("sent", "values"), [([], 0), ([b"192.0.2.1", b"192.0.2.2"], 2)])
def test_render_without_its_one_header_is_told_once(
    caplog: pytest.LogCaptureFixture, sent: list[bytes], values: int
) -> None:
    [sentence] = advice(caplog, {**CHAIN, **({b"cf-connecting-ip": sent} if sent else {})}, TRUSTED_PROXY="render")
    assert f"CF-Connecting-IP has {values} values where TRUSTED_PROXY=render counts on one" in sentence
    assert "if this server runs on Heroku, set TRUSTED_PROXY=heroku" in sentence


@pytest.mark.parametrize("private", [PRIVATE, "192.168.1.1", "100.64.0.1", "127.0.0.1", "fd00::1"])
@pytest.mark.parametrize(("trusted", "right"), [("1", 2), ("heroku", 2)])
def test_one_more_proxy_than_counted_is_told_once_with_its_address(
    caplog: pytest.LogCaptureFixture, private: str, trusted: str, right: int
) -> None:
    [sentence] = advice(caplog, chain(CLIENT, private), TRUSTED_PROXY=trusted)
    assert f"TRUSTED_PROXY={trusted} takes {private} for a client's address" in sentence
    assert f"set TRUSTED_PROXY={right};" in sentence


@pytest.mark.parametrize(("trusted", "right"), [("heroku", 2), ("1", 2), ("3", 4)])
def test_cloudflare_that_is_not_counted_is_told_once(
    caplog: pytest.LogCaptureFixture, trusted: str, right: int
) -> None:
    [sentence] = advice(caplog, chain(*[CLIENT, OTHER] * 2, cloudflare=PEER[0]), TRUSTED_PROXY=trusted)
    assert f"CF-Connecting-IP arrived, and is not the address that TRUSTED_PROXY={trusted} finds" in sentence
    assert "If this server runs on Render, set TRUSTED_PROXY=render" in sentence
    assert f"set TRUSTED_PROXY={right} and let nobody reach them around it" in sentence


async def test_scheme_that_a_proxy_has_lost_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    door = guarded(Inside(), TRUSTED_PROXY="1")
    lost = [(b"host", HOST), (b"x-forwarded-for", CLIENT.encode()), (b"x-forwarded-proto", b"http")]
    assert (await call(door, http_scope(headers=lost))).status == 308
    assert not caplog.records
    for _ in range(3):
        assert (await call(door, http_scope(headers=[*lost, (b"sec-fetch-site", b"none")]))).status == 308
    [sentence] = [record.getMessage() for record in caplog.records]
    assert "let the outermost proxy set X-Forwarded-Proto, and those behind it pass it on" in sentence


async def test_doubt_is_told_once_although_the_operator_asks_too(
    site: Site, environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.from_env(environ)
    unasked = (b"x-forwarded-for", CLIENT.encode())
    asking = (inquiry.HEADER.lower().encode(), inquiry.sign(settings, settings.public_url).encode())
    own_host = (b"host", urlsplit(settings.public_url).netloc.encode())
    asked = await ask(site, http_scope(inquiry.PATH.encode(), [own_host, unasked, asking]))
    visited = await ask(site, http_scope(b"/login", [own_host, unasked]))
    assert (asked.status, visited.status) == (200, 200)
    assert len([record for record in caplog.records if "arrived while TRUSTED_PROXY is none" in record.message]) == 1


def test_no_sentence_repeats_what_a_client_has_written(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, {b"x-forwarded-for": [b"203.0.113.66\nforged line"]}, TRUSTED_PROXY="heroku")
    assert "forged" not in sentence
    assert "203.0.113.66" not in sentence


@pytest.mark.parametrize(
    ("trusted", "lines"),
    [
        ("none", {}),
        ("heroku", chain(CLIENT)),
        ("heroku", chain(OTHER, CLIENT)),
        ("1", chain(PRIVATE)),
        ("2", chain(CLIENT, PRIVATE)),
        ("2", chain(CLIENT, OTHER, cloudflare=CLIENT)),
        ("render", chain(CLIENT, OTHER, PRIVATE, cloudflare=CLIENT)),
    ],
)
def test_what_is_configured_rightly_is_not_told(caplog: pytest.LogCaptureFixture, trusted: str, lines: Lines) -> None:
    assert advice(caplog, lines, TRUSTED_PROXY=trusted) == []
