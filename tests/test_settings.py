"""The environment, read once."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from ipaddress import ip_network

import pytest

from webapp.errors import SettingsError
from webapp.setting_values import Rate
from webapp.settings import Settings

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
OTHER_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210"
DEVELOPMENT = {"SECRET_KEY": KEY, "REDIS_URL": "redis://localhost"}
PRODUCTION = {
    **DEVELOPMENT,
    "APP_ENV": "production",
    "DATABASE_URL": "postgres://gatehouse:hunter2@db.example.com:5432/gatehouse",
    "PUBLIC_URL": "https://gatehouse.example.com",
}
MINUTE, HOUR, DAY = 60, 3600, 86400


def faults_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(environ)
    return raised.value.faults


def test_defaults_are_those_of_the_readme():
    settings = Settings.from_env(DEVELOPMENT)
    assert settings.environment == "development"
    assert settings.public_url == "http://localhost:8000"
    assert settings.database_url.startswith("sqlite:///instance/")
    assert settings.secret_key_fallbacks == settings.trusted_proxy_networks == ()
    assert settings.trusted_proxy == "none"
    assert (settings.session_idle, settings.session_lifetime) == (HOUR, 24 * HOUR)
    assert (settings.remember_idle, settings.remember_lifetime) == (30 * DAY, 90 * DAY)
    assert (settings.session_touch, settings.session_limit) == (60, 50)
    assert settings.redis_connections == 20
    assert settings.redis_tls_verify
    assert settings.reauth_window == 15 * MINUTE
    assert settings.login_limit == Rate(5, 15 * MINUTE)
    assert settings.password_min_length == 8
    assert settings.mail_url is None
    assert settings.geoip_db is None
    assert (settings.port, settings.web_concurrency) == (8000, 1)


def test_public_url_of_development_follows_the_port():
    assert Settings.from_env({**DEVELOPMENT, "PORT": "9000"}).public_url == "http://localhost:9000"


@pytest.mark.parametrize("name", ["SECRET_KEY", "REDIS_URL", "DATABASE_URL", "PUBLIC_URL"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_production_has_no_default_for_what_it_cannot_know(name: str, value: str | None):
    environ = {**PRODUCTION, name: value} if value is not None else {k: v for k, v in PRODUCTION.items() if k != name}
    (fault,) = faults_of(environ)
    assert fault.startswith(f"{name} is not set")


def test_all_faults_are_told_together_each_by_its_name():
    wrong = {
        "APP_ENV": "prod",
        "SECRET_KEY": "short",
        "REDIS_URL": "http://localhost",
        "DATABASE_URL": "mysql://localhost/a",
        "PUBLIC_URL": "gatehouse.example.com",
        "TRUSTED_PROXY": "yes",
        "TRUSTED_PROXY_NETWORKS": "10.0.0.0/40",
        "SESSION_IDLE": "soon",
        "SESSION_LIFETIME": "1w",
        "REMEMBER_IDLE": "-1d",
        "REMEMBER_LIFETIME": "1.5h",
        "SESSION_TOUCH": "0",
        "SESSION_LIMIT": "0",
        "REDIS_CONNECTIONS": "many",
        "REDIS_TLS_VERIFY": "no",
        "REAUTH_WINDOW": "",
        "LOGIN_LIMIT": "5",
        "PASSWORD_MIN_LENGTH": "4",
        "MAIL_URL": "mail.example.com",
        "MAIL_FROM": "example.com",
        "GEOIP_DB": "/no/such/places.mmdb",
        "PORT": "80000",
        "WEB_CONCURRENCY": "0",
    }
    faults = faults_of(wrong)
    assert sorted(fault.split()[0] for fault in faults) == sorted(set(wrong) - {"REAUTH_WINDOW"})
    assert all(fault.endswith((".", "example.com", ")")) for fault in faults)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("30d", 2592000), ("3600", 3600), (" 15m ", 900)]
)
def test_duration_is_read_in_each_unit(text: str, seconds: int):
    assert Settings.from_env({**DEVELOPMENT, "REAUTH_WINDOW": text}).reauth_window == seconds


@pytest.mark.parametrize("text", ["0", "0d", "-5m", "5 m", "5M", "1h30m", "1e3", "٣d", "five", "1" * 400, "500d", "d"])
def test_duration_in_any_other_form_is_refused(text: str):
    (fault,) = faults_of({**DEVELOPMENT, "REAUTH_WINDOW": text})
    assert fault.startswith("REAUTH_WINDOW")
    assert "90s, 30m, 12h or 30d" in fault


@pytest.mark.parametrize("text", ["1", "0", "10001"])
def test_connections_to_redis_have_to_be_enough_for_commands_and_the_subscription(text: str):
    (fault,) = faults_of({**DEVELOPMENT, "REDIS_CONNECTIONS": text})
    assert fault == f"REDIS_CONNECTIONS is {text!r}; write a whole number from 2 to 10000."
    assert Settings.from_env({**DEVELOPMENT, "REDIS_CONNECTIONS": "2"}).redis_connections == 2


@pytest.mark.parametrize("text", ["5", "/15m", "5/", "0/15m", "-5/15m", "5/15x", "5/0", "5/15m/3", "a/b"])
def test_rate_in_any_other_form_is_refused(text: str):
    (fault,) = faults_of({**DEVELOPMENT, "LOGIN_LIMIT": text})
    assert fault.startswith("LOGIN_LIMIT")


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://user:pass@cache.example.com:6380/3",
        "rediss://:secret@cache.example.com:6380",
        "unix:///run/redis.sock",
        "redis+sentinel://one:26379,two:26379/main/0",
        "redis+cluster://one:6379,two:6379",
        "redis://[::1]:6379/0",
    ],
)
def test_redis_address_is_taken_in_each_form_of_the_readme(url: str):
    assert Settings.from_env({**DEVELOPMENT, "REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize(
    "url", ["sqlite:///data.db", "sqlite:////data/a.db", "postgres://h/d", "postgresql://u:p@h:1/d"]
)
def test_database_address_is_taken_in_each_form_of_the_readme(url: str):
    assert Settings.from_env({**DEVELOPMENT, "DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("REDIS_URL", "memcached://:hunter2@localhost"),
        ("REDIS_URL", "redis://:hunter2@localhost:port"),
        ("REDIS_URL", "redis://:hunter2@"),
        ("REDIS_URL", "redis+sentinel://:hunter2@one:26379"),
        ("DATABASE_URL", "mysql://u:hunter2@localhost/d"),
        ("DATABASE_URL", "postgresql://u:hunter2@localhost"),
        ("DATABASE_URL", "postgresql://u:hunter2@[localhost/d"),
        ("MAIL_URL", "http://u:hunter2@localhost"),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY", "hunter2" * 20),
        ("SECRET_KEY_FALLBACKS", f"{KEY},hunter2"),
    ],
)
def test_fault_never_repeats_a_secret(name: str, url: str):
    (fault,) = faults_of({**DEVELOPMENT, name: url})
    assert fault.startswith(name)
    assert "hunter2" not in fault


def test_settings_print_their_secrets_masked():
    environ = {
        **PRODUCTION,
        "SECRET_KEY_FALLBACKS": OTHER_KEY,
        "REDIS_URL": "rediss://:hunter2@cache.example.com",
        "MAIL_URL": "smtp://me:hunter2@mail.example.com",
        "MAIL_FROM": "me@example.com",
    }
    settings = Settings.from_env(environ)
    for shown in (repr(settings), str(settings), f"{settings}"):
        assert not any(secret in shown for secret in ("hunter2", KEY, OTHER_KEY))
        assert "https://gatehouse.example.com" in shown


def test_settings_are_frozen():
    settings = Settings.from_env(DEVELOPMENT)
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]  # That is what must fail.


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Example.COM", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_public_url_becomes_one_origin(text: str, origin: str):
    assert Settings.from_env({**DEVELOPMENT, "PUBLIC_URL": text}).public_url == origin


@pytest.mark.parametrize(
    "text",
    [
        "example.com",
        "https://",
        "ftp://example.com",
        "https://example.com/app",
        "https://example.com?a=b",
        "https://example.com#a",
        "https://user@example.com",
        "https://example.com:99999",
        "https://example.com:port",
        "https://exa mple.com",
        "https://größe.example",
        "https://a.example.com,b.example.com",
        "https://a.example.com, https://b.example.com",
        "https://[::1",
    ],
)
def test_public_url_that_is_no_origin_is_refused(text: str):
    (fault,) = faults_of({**PRODUCTION, "PUBLIC_URL": text})
    assert fault.startswith("PUBLIC_URL")


@pytest.mark.parametrize(("text", "read"), [("none", "none"), ("heroku", "heroku"), ("render", "render"), ("2", 2)])
def test_trusted_proxy_is_a_platform_or_a_number_of_hops(text: str, read: str | int):
    assert Settings.from_env({**DEVELOPMENT, "TRUSTED_PROXY": text}).trusted_proxy == read


def test_lists_are_separated_by_commas():
    environ = {
        **DEVELOPMENT,
        "SECRET_KEY_FALLBACKS": f"{OTHER_KEY}, {KEY[::-1]},",
        "TRUSTED_PROXY": "1",
        "TRUSTED_PROXY_NETWORKS": "10.0.0.0/8, fd00::/8",
    }
    settings = Settings.from_env(environ)
    assert settings.secret_key_fallbacks == (OTHER_KEY, KEY[::-1])
    assert settings.trusted_proxy_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(("url", "secure"), [("https://a.example.com", True), ("http://localhost:8000", False)])
def test_cookies_are_secure_where_the_origin_is_https(url: str, secure: bool):  # noqa: FBT001  (a parameter of pytest)
    assert Settings.from_env({**DEVELOPMENT, "PUBLIC_URL": url}).secure is secure
