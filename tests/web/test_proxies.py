"""What the trusted proxies let in, and what they tell the application (promise 16)."""

import json
import logging
from typing import Any

import pytest
from asgi_calls import HOST, PEER, PUBLIC_URL, Answer, Inside, call, guarded, http_scope, settings

from webapp.logs.requests import RequestRecord, recorded
from webapp.web.asgi import Header, Scope
from webapp.web.headers import SecurityHeaders, security_headers


async def visit(inside: Inside, scope: Scope, **variables: str) -> Answer:
    return await call(guarded(inside, **variables), scope)


async def host_is_accepted(*hosts: bytes, **variables: str) -> bool:
    inside = Inside()
    answer = await visit(inside, http_scope(headers=[(b"host", host) for host in hosts]), **variables)
    assert answer.status == (400 if inside.scope is None else 200)
    return inside.scope is not None


@pytest.mark.parametrize("host", [b"gatehouse.test", b"GATEHOUSE.Test", b"gatehouse.test:443"])
async def test_own_host_is_accepted(host: bytes) -> None:
    assert await host_is_accepted(host)


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"elsewhere.test",
        b"gatehouse.test.",
        b"gatehouse.test:80",
        b"gatehouse.test:8000",
        b"gatehouse.test:",
        b"sub.gatehouse.test",
        b"gatehouse.test.elsewhere.test",
        b"me@gatehouse.test",
        b"gatehouse.test@elsewhere.test",
        b"gatehouse.test/path",
        b"gatehouse.test, elsewhere.test",
        b"gate house.test",
        b"gatehouse.test\x00",
        "gatehouse.tést".encode(),
        b"[::1]",
    ],
)
async def test_other_host_is_refused(host: bytes) -> None:
    assert not await host_is_accepted(host)


async def test_missing_or_doubled_host_is_refused() -> None:
    assert not await host_is_accepted()
    assert not await host_is_accepted(HOST, HOST)


async def test_port_of_public_url_is_required_unless_it_is_the_default_one() -> None:
    variables = {"APP_ENV": "development", "PUBLIC_URL": "http://localhost:8000"}
    assert await host_is_accepted(b"localhost:8000", **variables)
    assert not await host_is_accepted(b"localhost", **variables)
    assert await host_is_accepted(b"[::1]:80", **(variables | {"PUBLIC_URL": "http://[::1]"}))


async def test_wrong_host_is_told_the_right_one_in_development_only() -> None:
    scope = http_scope(headers=[(b"host", b"127.0.0.1:8000")])
    answer = await visit(Inside(), scope, APP_ENV="development", PUBLIC_URL="http://localhost:8000")
    assert "http://localhost:8000" in answer.text
    assert "gatehouse" not in (await visit(Inside(), scope)).text


@pytest.mark.parametrize("header", [b"x-forwarded-host", b"forwarded", b"x-original-host"])
async def test_forwarded_host_neither_lets_in_nor_keeps_out(header: bytes) -> None:
    scope = http_scope(headers=[(b"host", b"elsewhere.test"), (header, HOST)])
    assert (await visit(Inside(), scope, TRUSTED_PROXY="1")).status == 400
    scope = http_scope(headers=[(b"host", HOST), (header, b"elsewhere.test")])
    assert (await visit(Inside(), scope, TRUSTED_PROXY="1")).status == 200


@pytest.mark.parametrize("path", [b"/healthz", b"/readyz"])
async def test_health_needs_no_host_no_scheme_and_no_proxy(path: bytes, caplog: pytest.LogCaptureFixture) -> None:
    inside = Inside()
    answer = await visit(inside, http_scope(path, [(b"x-forwarded-proto", b"http")]), TRUSTED_PROXY="render")
    assert answer.status == 200
    assert inside.scope is not None
    assert inside.scope["client"] == PEER
    assert not caplog.records


@pytest.mark.parametrize("path", [b"/healthz/", b"//healthz", b"/login?/healthz", b"/Healthz"])
async def test_paths_like_health_need_a_host(path: bytes) -> None:
    assert (await visit(Inside(), http_scope(path, []))).status == 400


async def test_application_sees_client_and_scheme_and_no_forwarding_header() -> None:
    kept: list[Header] = [(b"host", HOST), (b"cookie", b"a=1"), (b"x-request-id", b"7")]
    dropped = [(b"x-forwarded-for", b"192.0.2.1"), (b"x-real-ip", b"6.6.6.6"), (b"forwarded", b"for=6.6.6.6")]
    scope = http_scope(headers=[*kept, *dropped, (b"x-forwarded-proto", b"https")])
    before = dict(scope)
    inside = Inside()
    await visit(inside, scope, TRUSTED_PROXY="heroku")
    assert inside.scope is not None
    assert inside.scope["client"] == ("192.0.2.1", 0)
    assert inside.scope["scheme"] == "https"
    assert inside.scope["headers"] == kept
    assert scope == before


async def test_unix_socket_client_has_an_empty_address() -> None:
    inside = Inside()
    await visit(inside, http_scope(client=None))
    assert inside.scope is not None
    assert inside.scope["client"] == ("", 0)


async def over_http(path: bytes, method: str = "GET") -> Answer:
    headers = [(b"host", HOST), (b"x-forwarded-proto", b"http"), (b"x-forwarded-for", b"192.0.2.1")]
    return await visit(Inside(), http_scope(path, headers, method=method), TRUSTED_PROXY="heroku")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [b"/", b"/login?next=%2Fdashboard&x=1", b"//evil.test/", b"/%2F%2Fevil.test", b"/\\evil.test", b"/@evil.test"],
)
async def test_reader_over_http_is_sent_to_the_same_path_of_our_https(method: str, path: bytes) -> None:
    answer = await over_http(path, method)
    assert answer.status == 308
    assert answer.headers["location"] == PUBLIC_URL + path.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_form_over_http_is_refused(method: str) -> None:
    assert (await over_http(b"/login", method)).status == 400


@pytest.mark.parametrize("path", [b"http://evil.test/", b"@evil.test/", b"evil.test:443", b"*", b"", b".evil.test"])
@pytest.mark.parametrize("forwarded", [b"http", b"https"])
async def test_target_that_is_no_path_is_refused(path: bytes, forwarded: bytes) -> None:
    headers = [(b"host", HOST), (b"x-forwarded-proto", forwarded)]
    answer = await visit(Inside(), http_scope(path, headers), TRUSTED_PROXY="1")
    assert answer.status == 400
    assert "location" not in answer.headers


async def test_connect_is_refused() -> None:
    scope = http_scope(b"gatehouse.test:443", method="CONNECT")
    assert (await visit(Inside(), scope)).status == 405


@pytest.mark.parametrize(
    ("trusted", "version", "status"),
    [("none", "2", 200), ("heroku", "2", 505), ("render", "2", 505), ("1", "3", 505), ("1", "1.0", 200)],
)
async def test_http_version_that_no_proxy_speaks_is_refused_behind_one(trusted: str, version: str, status: int) -> None:
    answer = await visit(Inside(), http_scope(http_version=version), TRUSTED_PROXY=trusted)
    assert answer.status == status


@pytest.mark.parametrize("path", [b"/", b"/healthz"])
async def test_request_from_an_h2c_tunnel_is_refused_whatever_it_claims(path: bytes) -> None:
    inside = Inside()
    headers = [(b"host", HOST), (b"x-forwarded-for", b"192.0.2.1"), (b"x-forwarded-proto", b"https")]
    answer = await visit(inside, http_scope(path, headers, http_version="2"), TRUSTED_PROXY="heroku")
    assert answer.status == 505
    assert inside.scope is None


async def test_request_from_an_h2c_tunnel_is_logged_under_the_address_of_the_connection() -> None:
    headers = [(b"host", HOST), (b"x-forwarded-for", b"192.0.2.1")]
    request = RequestRecord("number", "GET", "/")
    with recorded(request):
        await visit(Inside(), http_scope(headers=headers, http_version="2"), TRUSTED_PROXY="heroku")
    assert request.address == PEER[0]


@pytest.mark.parametrize(
    ("extensions", "kinds"),
    [
        ({}, ["websocket.close"]),
        ({"websocket.http.response": {}}, ["websocket.http.response.start", "websocket.http.response.body"]),
    ],
)
async def test_websocket_is_refused(extensions: dict[str, Any], kinds: list[str]) -> None:
    inside = Inside()
    answer = await visit(inside, http_scope(type="websocket", extensions=extensions))
    assert [message["type"] for message in answer.messages] == kinds
    assert inside.scope is None


async def test_websocket_without_forwarding_headers_casts_no_doubt_on_the_proxies(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await visit(Inside(), http_scope(type="websocket"))
    assert not caplog.records


async def test_lifespan_passes_untouched() -> None:
    inside = Inside()
    scope = {"type": "lifespan"}
    await visit(inside, scope)
    assert inside.scope is scope


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (b"text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        (b"*/*", "text/html; charset=utf-8"),
        (b"application/json", "application/problem+json"),
        (b"application/problem+json, application/json", "application/problem+json"),
        (b"application/json, text/html", "text/html; charset=utf-8"),
    ],
)
async def test_refusal_speaks_as_the_client_does_and_carries_the_security_headers(
    accept: bytes, content_type: str
) -> None:
    app = SecurityHeaders(guarded(Inside()), settings())
    answer = await call(app, http_scope(headers=[(b"accept", accept)]))
    assert answer.headers["content-type"] == content_type
    assert int(answer.headers["content-length"]) == len(answer.text.encode())
    assert {name.decode() for name, _ in security_headers(settings())} <= answer.headers.keys()
    if content_type.endswith("json"):
        assert json.loads(answer.text)["status"] == answer.status == 400


async def test_middleware_logs_nothing_of_an_ordinary_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        headers = [(b"host", HOST), (b"x-forwarded-for", b"192.0.2.1"), (b"x-forwarded-proto", b"https")]
        await visit(Inside(), http_scope(headers=headers), TRUSTED_PROXY="heroku")
    assert not caplog.records


async def test_length_that_is_told_in_two_ways_is_refused() -> None:
    inside = Inside()
    headers = [(b"host", HOST), (b"content-length", b"3"), (b"transfer-encoding", b"chunked")]
    answer = await visit(inside, http_scope(headers=headers, method="POST"))
    assert answer.status == 400
    assert answer.headers["connection"] == "close"
    assert inside.scope is None
