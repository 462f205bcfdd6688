"""The operator's commands in this very process, and deployed sites to ask; some tests start a process instead."""

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trustme
from gatehouse import Gatehouse
from operators import SECRET, Ended, Operator, People
from redis_forms import Deployment
from ways import NAME

from webapp.__main__ import main
from webapp.dev import redis_server


@pytest.fixture
def environ(redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Put the settings into the environment of this process, where commands look for them."""
    variables = {"SECRET_KEY": SECRET, "REDIS_URL": redis_url, "DATABASE_URL": database_url}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def operator(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Operator:
    """Run commands."""

    def run(*words: str) -> Ended:
        capsys.readouterr()
        status = main(words)
        out, err = capsys.readouterr()
        return Ended(status, out, err)

    return run


@pytest.fixture
def people(environ: dict[str, str]) -> People:
    """Give the people of this site."""
    return People(environ)


Deploy = Callable[..., Gatehouse]


@pytest.fixture(scope="session")
def deploy(servers: ExitStack, start_redis: Callable[[str], Deployment]) -> Deploy:
    """Give the site with some settings, as it is deployed; one for each set of settings serves all tests."""

    @cache
    def start(trusted_proxy: str, networks: str = "", redis_url: str = "") -> Gatehouse:
        gatehouse = Gatehouse(
            Path(servers.enter_context(TemporaryDirectory(prefix="gatehouse-"))),
            redis_url or start_redis(next(iter(redis_server.binaries()))).url,
            APP_ENV="production",
            PUBLIC_URL=f"https://{NAME}",
            TRUSTED_PROXY=trusted_proxy,
            TRUSTED_PROXY_NETWORKS=networks,
        )
        servers.callback(gatehouse.stop)
        return gatehouse

    return start


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give who signs the certificates of the proxies."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give the certificate of the site; the doctor trusts its authority."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(NAME, "www.gatehouse.test", "other.test", "localhost").configure_cert(context)
    return context


@pytest.fixture
def unknown_host(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a host that nobody knows, and that no resolver is asked for: some of them answer late, or not at all."""
    unknown, resolve = "no-such-host.invalid", socket.getaddrinfo

    def look_up(host: str | None, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as it is in the library.
        if host == unknown:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return unknown
