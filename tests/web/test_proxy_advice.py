"""The one sentence for the operator whose proxies do not look as they are configured."""

import pytest
from asgi_calls import PEER, settings

from webapp.web.forwarding import Forwarding

CHAIN = {b"x-forwarded-for": [b"203.0.113.66"], b"x-forwarded-proto": [b"https"]}


def advice(caplog: pytest.LogCaptureFixture, lines: dict[bytes, list[bytes]], **variables: str) -> list[str]:
    forwarding = Forwarding(settings(**variables))
    for _ in range(3):
        forwarding.trace(PEER, lines)
    return [record.getMessage() for record in caplog.records]


def test_unasked_headers_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, CHAIN)
    assert "X-Forwarded-For arrived while TRUSTED_PROXY is none" in sentence


def test_headers_of_a_stranger_are_told_once_with_its_address(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, CHAIN, TRUSTED_PROXY="heroku", TRUSTED_PROXY_NETWORKS="192.0.2.0/24")
    assert f"from {PEER[0]}, which is outside TRUSTED_PROXY_NETWORKS" in sentence


def test_chain_that_is_too_short_is_told_once_with_its_length(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, CHAIN, TRUSTED_PROXY="2")
    assert "X-Forwarded-For has 1 values and no address where TRUSTED_PROXY=2 looks" in sentence


def test_missing_header_of_render_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, CHAIN, TRUSTED_PROXY="render")
    assert "Cf-Connecting-Ip has 0 values" in sentence


def test_no_sentence_repeats_what_a_client_has_written(caplog: pytest.LogCaptureFixture) -> None:
    [sentence] = advice(caplog, {b"x-forwarded-for": [b"203.0.113.66\nforged line"]}, TRUSTED_PROXY="heroku")
    assert "forged" not in sentence
    assert "203.0.113.66" not in sentence


def test_what_is_configured_rightly_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    assert advice(caplog, CHAIN, TRUSTED_PROXY="heroku") == []
    assert advice(caplog, {}) == []
