"""The security headers (promise 15)."""

import pytest
from asgi_calls import Inside, call, http_scope, settings

from webapp.web.headers import CONTENT_SECURITY_POLICY, UNUSED_FEATURES, SecurityHeaders


async def headers_of(inside: Inside, **variables: str) -> dict[str, str]:
    return (await call(SecurityHeaders(inside, settings(**variables)), http_scope())).headers


async def test_answer_carries_all_headers_and_its_own() -> None:
    headers = await headers_of(Inside())
    assert headers.pop("permissions-policy").startswith("accelerometer=(), ")
    assert headers.pop("content-security-policy").split("; ") == list(CONTENT_SECURITY_POLICY)
    assert headers == {
        "content-type": "text/plain",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }


def test_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    sources = {source for directive in CONTENT_SECURITY_POLICY for source in directive.split()[1:]}
    assert sources == {"'none'", "'self'", "data:"}
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("content_type", [b"text/html", b"text/html; charset=utf-8"])
async def test_page_asks_for_the_hints_that_name_a_device_and_forbids_none(content_type: bytes) -> None:
    headers = await headers_of(Inside(headers=((b"content-type", content_type),)))
    assert headers["accept-ch"] == "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model"
    assert not [feature for feature in UNUSED_FEATURES if feature.startswith("ch-")]


@pytest.mark.parametrize("content_type", [b"text/css", b"application/json", b"text/plain"])
async def test_other_answers_ask_for_nothing(content_type: bytes) -> None:
    assert "accept-ch" not in await headers_of(Inside(headers=((b"content-type", content_type),)))


@pytest.mark.parametrize("public_url", ["http://localhost:8000", "https://localhost:8443"])
async def test_development_does_not_pin_https(public_url: str) -> None:
    headers = await headers_of(Inside(), APP_ENV="development", PUBLIC_URL=public_url)
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("name", [b"cache-control", b"Cache-Control"])
async def test_header_that_the_answer_set_itself_stays_alone(name: bytes) -> None:
    inside = Inside(headers=((name, b"public, max-age=31536000, immutable"),))
    answer = await call(SecurityHeaders(inside, settings()), http_scope())
    values = [value for key, value in answer.messages[0]["headers"] if key.lower() == b"cache-control"]
    assert values == [b"public, max-age=31536000, immutable"]


async def test_messages_of_the_application_are_not_changed_in_place() -> None:
    inside = Inside()
    app = SecurityHeaders(inside, settings())
    first, second = [(await call(app, http_scope())).messages[0]["headers"] for _ in range(2)]
    assert first == second


async def test_lifespan_passes_untouched() -> None:
    inside = Inside()
    scope = {"type": "lifespan"}
    await call(SecurityHeaders(inside, settings()), scope)
    assert inside.scope is scope
