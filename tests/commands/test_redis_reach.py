"""What the doctor says where Redis cannot be reached, and where others could listen to what is said to it."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from asgi_calls import settings
from findings import marked, the_one
from own_redis import StandaloneRedis
from ports import free_port
from redis import Redis
from redis_forms import PASSWORD, frozen

from webapp.commands.checks import redis_checks
from webapp.commands.checks.findings import Finding

StartForm = Callable[[str], StandaloneRedis]


async def examined(url: str, platform: str | None = None, **variables: str) -> list[Finding]:
    return await redis_checks.examine(settings(REDIS_URL=url, **variables), platform)


async def the_fault(url: str) -> str:
    """Give the one sentence that there is, which is that it cannot be used."""
    found = await examined(url)
    [text] = marked(found, "wrong")
    assert len(found) == 1
    assert " cannot be used: " in text
    return text


async def test_self_signed_certificate_is_told_with_the_setting_for_it(start_redis: StartForm) -> None:
    server = start_redis("tls")
    text = await the_fault(server.url)
    assert "set REDIS_TLS_VERIFY=false" in text
    found = await examined(server.url, REDIS_TLS_VERIFY="false")
    assert marked(found, "wrong") == []


async def test_missing_tls_is_told_on_either_side(start_redis: StartForm) -> None:
    with_tls, without = start_redis("tls"), start_redis("password")
    assert "rediss://" in await the_fault(with_tls.url.replace("rediss:", "redis:"))
    assert "TLS" in await the_fault(without.url.replace("redis:", "rediss:"))


@pytest.mark.parametrize("password", ["", ":wrong-password@", "nobody:wrong-password@"])
async def test_refused_password_is_told_and_never_shown(start_redis: StartForm, password: str) -> None:
    server = start_redis("password")
    text = await the_fault(f"redis://{password}127.0.0.1:{server.port}")
    assert text == f"Redis at 127.0.0.1:{server.port} cannot be used: it refuses the user or password of REDIS_URL."


async def test_right_password_is_not_shown_either(start_redis: StartForm) -> None:
    server = start_redis("password")
    found = await examined(server.url)
    assert not any(PASSWORD in finding.text or quote(PASSWORD) in finding.text for finding in found)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://127.0.0.1:{port}", "nothing listens there"),
        ("unix:///no/such/socket", "nothing listens there"),
        ("redis://{host}", "no such host"),
        ("redis+sentinel://127.0.0.1:{port}/main", "no sentinel that answers knows a primary"),
        ("redis+cluster://127.0.0.1:{port}", "nothing listens there"),
    ],
)
async def test_absent_redis_is_told(url: str, words: str, unknown_host: str) -> None:
    found = await examined(url.format(port=free_port(), host=unknown_host))
    assert words in the_one(found, "cannot be used").text


async def test_silent_redis_is_told(start_redis: StartForm) -> None:
    server = start_redis("password")
    with frozen(server):
        assert "it says nothing" in await the_fault(server.url)


async def test_redis_whose_connections_are_taken_is_told(start_redis: StartForm) -> None:
    server = start_redis("password")
    with Redis(port=server.port, password=PASSWORD, decode_responses=True) as admin:
        before = admin.config_get("maxclients")["maxclients"]
        # There is room for this one connection only.
        admin.config_set("maxclients", 1)
        try:
            assert "all connections that it allows are taken" in await the_fault(server.url)
        finally:
            admin.config_set("maxclients", before)


@pytest.mark.parametrize(
    ("url", "platform", "verify", "words"),
    [
        ("redis://127.0.0.1", None, "true", "ok: stays on this machine"),
        ("redis://[::1]:6379", None, "true", "ok: stays on this machine"),
        ("redis+cluster://localhost,127.0.0.2", None, "true", "ok: stays on this machine"),
        ("redis+cluster://localhost,10.0.0.1", None, "true", "warning: not encrypted"),
        ("redis://10.0.0.1", None, "true", "warning: not encrypted"),
        ("redis://red-abc", "render", "true", "ok: inside Render's private network"),
        ("rediss://10.0.0.1", None, "true", "ok: its certificate verified"),
        ("rediss://10.0.0.1", None, "false", "warning: to whom is not known"),
        ("rediss://10.0.0.1", "heroku", "false", "ok: as Heroku's certificate wants it"),
    ],
)
def test_protection_of_the_connection_is_judged_by_where_it_leads(
    url: str, platform: str | None, verify: str, words: str
) -> None:
    finding = redis_checks.protection(settings(REDIS_URL=url, REDIS_TLS_VERIFY=verify), platform)
    mark, _, said = words.partition(": ")
    assert finding.mark.value == mark
    assert said in finding.text
