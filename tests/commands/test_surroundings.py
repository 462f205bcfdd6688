"""What the doctor says of settings that are right alone, and wrong for the place they are used in."""

import pytest
from asgi_calls import settings

from webapp.commands.checks import surroundings
from webapp.commands.checks.findings import Finding


def said(finding: Finding, words: str) -> bool:
    """Tell whether a finding has the mark and the words of "mark: words"."""
    mark, _, text = words.partition(": ")
    return finding.mark.value == mark and text in finding.text


@pytest.mark.parametrize(
    ("environ", "platform"),
    [({}, None), ({"DYNO": "web.1"}, "heroku"), ({"RENDER": "true"}, "render"), ({"DYNO": "", "RENDER": ""}, None)],
)
def test_platform_is_known_by_its_variable(environ: dict[str, str], platform: str | None) -> None:
    assert surroundings.platform_of(environ) == platform


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("", True),
        ("localhost", True),
        ("app.localhost", True),
        ("127.0.0.7", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_this_machine_is_known_by_its_names(host: str, *, here: bool) -> None:
    assert surroundings.is_this_machine(host) == here


@pytest.mark.parametrize(
    ("environment", "platform", "words"),
    [
        ("production", "heroku", "ok: for production"),
        ("development", None, "ok: for development"),
        ("development", "render", "wrong: Set APP_ENV=production"),
    ],
)
def test_environment_is_judged_by_the_platform(environment: str, platform: str | None, words: str) -> None:
    [finding] = surroundings.environment(settings(APP_ENV=environment), platform)
    assert said(finding, words)


@pytest.mark.parametrize(
    ("environment", "public_url", "words"),
    [
        ("production", "https://example.com", "ok: Cookies are Secure and named __Host-"),
        ("production", "https://localhost:8443", "wrong: which only this machine can open"),
        ("development", "http://localhost:8000", "ok: right for development on this machine"),
        ("development", "http://192.168.0.7:8000", "warning: whoever is on the way can read them"),
        ("development", "https://example.com", "ok: Cookies are Secure"),
    ],
)
def test_cookies_are_judged_by_the_public_url(environment: str, public_url: str, words: str) -> None:
    [finding] = surroundings.cookies(settings(APP_ENV=environment, PUBLIC_URL=public_url))
    assert said(finding, words)


@pytest.mark.parametrize(
    ("trusted", "platform", "words"),
    [
        ("heroku", "heroku", "ok: and so is this"),
        ("render", "render", "ok: and so is this"),
        ("none", "heroku", "wrong: Set TRUSTED_PROXY=heroku."),
        ("none", "render", "wrong: Set TRUSTED_PROXY=render."),
        ("heroku", "render", "wrong: Set TRUSTED_PROXY=render."),
        ("render", "heroku", "wrong: Set TRUSTED_PROXY=heroku."),
        ("2", "render", "warning: set TRUSTED_PROXY=render."),
        ("none", None, "warning: Set TRUSTED_PROXY to the number of proxies in front."),
        ("heroku", None, "warning: this is not Heroku"),
        ("1", None, "warning: Set TRUSTED_PROXY_NETWORKS"),
    ],
)
def test_proxies_are_judged_by_the_platform(trusted: str, platform: str | None, words: str) -> None:
    [finding] = surroundings.proxies(settings(TRUSTED_PROXY=trusted), platform)
    assert said(finding, words)


def test_counted_proxies_from_known_networks_are_well() -> None:
    [finding] = surroundings.proxies(settings(TRUSTED_PROXY="1", TRUSTED_PROXY_NETWORKS="10.0.0.0/8"), None)
    assert said(finding, "ok: python -m webapp doctor --request")


def test_no_proxy_over_http_is_well() -> None:
    chosen = settings(APP_ENV="development", PUBLIC_URL="http://localhost:8000")
    [finding] = surroundings.proxies(chosen, None)
    assert said(finding, "ok: TRUSTED_PROXY is none")
