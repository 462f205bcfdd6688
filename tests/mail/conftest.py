"""Mails, and a real mail server with a certificate that this process trusts."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from mail_entries import NAME
from mail_sending import Serve
from smtp_server import SmtpServer


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give who signs the server's certificate."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give the server's certificate; its authority is trusted like those of the system."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(NAME, "localhost").configure_cert(context)
    return context


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start mail servers, and stop them at the end."""
    with ExitStack() as running:
        yield lambda **options: running.enter_context(SmtpServer(**options))
