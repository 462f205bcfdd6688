"""The addresses and keys of the environment, form by form: what is taken, and the words for what is not."""

import pytest

from webapp import setting_addresses as addresses
from webapp.errors import SettingsError
from webapp.settings import Settings

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
DEVELOPMENT = {"SECRET_KEY": KEY, "REDIS_URL": "redis://localhost"}
# How os.environ shows a byte that is not UTF-8.
NOT_UTF8 = "\udcff"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:6379",
        "redis://h:6379/",
        "redis://user:p,ss@h:6379/0",
        "rediss://user:pass@h:6379/0",
        "redis://h?db=2",
        "unix:///path?db=1",
        "unix://user:pass@/path",
        "redis://[::1]",
        "redis+sentinel://h/svc",
        "redis+sentinel://:pass@[::1]:1,h:2/svc/3?sentinel_username=u&sentinel_password=p",
        "redis+cluster://h,g:65535/",
    ],
)
def test_redis_address_that_can_be_opened_is_taken_as_it_is(url: str):
    assert addresses.redis_url(url) == url


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis+sentinel://,/svc", "without a host"),
        ("redis+cluster://:hunter2@h:1,", "without a host"),
        ("redis+cluster://h:1,:2", "without a host"),
        ("redis+cluster://h:1,h:99999", "host or port"),
        ("redis+cluster://h:1,h:abc", "host or port"),
        ("redis+cluster://h:abc", "can be read"),
        ("redis+sentinel://[::1]:1,[x]:2/svc", "host or port|can be read"),
        ("redis://:hunter,2@h:abc", "host or port"),
        ("redis://h:1,h:2", "host or port"),
        ("redis://h,h", "host or port"),
        ("redis://h:6379/abc", "db that is no number"),
        ("redis://h:6379/1/2", "db that is no number"),
        ("redis://h:6379/-1", "db that is no number"),
        ("redis+sentinel://h:1/svc/abc", "db that is no number"),
        ("redis+sentinel://h:1/svc//1", "db that is no number"),
        ("redis+cluster://h:1/3", "a cluster has none"),
        ("redis://h?db=hunter2", "db that is no number"),
        ("unix:///path?db=", "db that is no number"),
        ("redis://h?protocol=hunter2", "may have db"),
        ("rediss://h?ssl_cert_reqs=none", "may have db"),
        ("redis+sentinel://h/svc?db=1", "may have sentinel_password and sentinel_username"),
        ("redis+cluster://h?hunter2", "may have none"),
    ],
)
def test_redis_address_that_could_not_be_opened_is_refused_in_words(url: str, words: str):
    with pytest.raises(ValueError, match=words) as raised:
        addresses.redis_url(url)
    assert "hunter" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Postgres://U:P@H/D", "postgres://U:P@H/D"),
        ("SQLite:///Data.db", "sqlite:///Data.db"),
        ("postgresql://h,g:5432/db", "postgresql://h,g:5432/db"),
        ("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=/run/postgresql"),
        ("postgresql://u@/db?host=a,b&port=1,2&connect_timeout=2", None),
        ("postgresql://h/db?sslmode=require&application_name=gatehouse", None),
    ],
)
def test_database_address_is_taken_with_its_scheme_in_lower_case(text: str, url: str | None):
    assert addresses.database_url(text) == (url or text)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:hunter2@h:1,h:2/db", r"\?host=one,two"),
        ("postgresql://u:hunter,2@h:abc/db", "host or port"),
        ("postgresql://h/db?nonsense=1", "parameter that PostgreSQL does not know"),
        ("postgresql://h/db?connect_timeout=abc", "connect_timeout that is no number"),
        ("postgresql://h/db?connect_timeout=", "connect_timeout that is no number"),
        ("sqlite://foo/bar", "write sqlite:///path"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "kept in memory"),
        ("sqlite:///file::memory:?cache=shared&uri=true", "kept in memory"),
        ("sqlite:///file:a?mode=memory&uri=true", "kept in memory"),
    ],
)
def test_database_address_that_could_not_be_opened_is_refused_in_words(url: str, words: str):
    with pytest.raises(ValueError, match=words) as raised:
        addresses.database_url(url)
    assert "hunter" not in str(raised.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_key_that_is_not_utf8_is_refused_in_words(name: str):
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({**DEVELOPMENT, name: KEY + NOT_UTF8})
    assert raised.value.faults == (f"{name} holds bytes that are not UTF-8; write letters and digits.",)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://[0:0:0:0:0:0:0:1]:8000", "http://[::1]:8000"),
        ("https://[2001:DB8:0:0::1]:443", "https://[2001:db8::1]"),
    ],
)
def test_public_url_holds_an_ipv6_host_in_its_shortest_form(text: str, origin: str):
    assert addresses.origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hunter2@example.com",
        "https://user:hunter2@größe.example",
        "hunter2:hunter2@example.com",
        "https://example.com/?to=hunter2@example.com",
        "http://example.com:0",
        "http://[::1]:0",
        "http://[::1]x",
        "http://[::1]x:80",
        "http://x[::1]",
        "http://[v1.a]",
        "http://[fe80::1%25eth0]",
    ],
)
def test_public_url_that_is_no_origin_is_refused_without_a_password_in_the_words(text: str):
    with pytest.raises(ValueError, match=r"https://|can be read") as raised:
        addresses.origin(text)
    assert "hunter2" not in str(raised.value)
    assert type(raised.value) is ValueError


@pytest.mark.parametrize("text", ["abc", "0", "70000"])
def test_faulty_port_is_told_of_once(text: str):
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({**DEVELOPMENT, "PORT": text})
    (fault,) = raised.value.faults
    assert fault.startswith("PORT is ")
