"""What the doctor says of mail: servers that greet it in every way, and folders."""

import os
import socket
import ssl
from pathlib import Path

import pytest
from asgi_calls import settings
from mail_server import PASSWORD, USER, MailServer, mail_server
from ports import free_port

from webapp.commands.checks import mail
from webapp.commands.checks.findings import Finding


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the servers waited for longer than they take on a busy machine."""
    monkeypatch.setattr(mail, "TIMEOUT", 30)


async def examined(url: str, **variables: str) -> Finding:
    [finding] = await mail.examine(settings(MAIL_URL=url, MAIL_FROM="hello@example.com", **variables))
    return finding


def with_user(scheme: str, server: MailServer, *, host: str = "localhost", word: str = PASSWORD) -> str:
    return f"{scheme}://{USER}:{word}@{host}:{server.port}"


def be_elsewhere(monkeypatch: pytest.MonkeyPatch, server: MailServer) -> None:
    """Let every name be that of the server."""
    here = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)


async def test_no_mail_is_no_fault_in_development() -> None:
    finding = await examined("", APP_ENV="development")
    assert (finding.mark.value, finding.text) == ("ok", "MAIL_URL is not set: no mail is sent.")


async def test_no_mail_in_production_is_a_warning_that_names_what_does_not_work() -> None:
    finding = await examined("")
    assert finding.mark.value == "warning"
    assert "forgotten passwords" in finding.text


async def test_server_that_takes_user_and_password_is_well_and_gets_no_mail(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as server:
        finding = await examined(with_user("smtp", server))
    assert (finding.mark.value, "answers, encrypted, and takes" in finding.text) == ("ok", True)
    assert server.asked == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]


async def test_server_with_tls_from_the_start_is_well(tls: ssl.SSLContext) -> None:
    async with mail_server(tls, encrypted=True) as server:
        assert (await examined(with_user("smtps", server))).mark.value == "ok"
    assert server.asked == ["EHLO", "AUTH", "QUIT"]


async def test_refused_password_is_told_and_not_shown(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as server:
        finding = await examined(with_user("smtp", server, word="wr0ng-word"))
    assert finding.mark.value == "wrong"
    assert "refuses user or password" in finding.text
    assert "wr0ng" not in finding.text


async def test_certificate_of_another_host_is_told_and_no_password_sent(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mail_server(tls) as server:
        be_elsewhere(monkeypatch, server)
        finding = await examined(with_user("smtp", server, host="mail.example.com"))
    assert finding.mark.value == "wrong"
    assert "certificate that is not good for it" in finding.text
    assert "AUTH" not in server.asked


async def test_certificate_of_this_machine_is_not_asked_for_its_name(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as server:
        assert (await examined(with_user("smtp", server, host="127.0.0.1"))).mark.value == "ok"
    async with mail_server(tls, encrypted=True) as server:
        assert (await examined(with_user("smtps", server, host="127.0.0.1"))).mark.value == "wrong"


async def test_server_without_user_is_a_warning(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as server:
        finding = await examined(f"smtp://localhost:{server.port}")
    assert (finding.mark.value, "names no user" in finding.text) == ("warning", True)


async def test_unencrypted_server_on_this_machine_is_well(tls: ssl.SSLContext) -> None:
    async with mail_server(tls, starttls=False) as server:
        assert (await examined(with_user("smtp", server))).mark.value == "ok"


@pytest.mark.parametrize("user", ["", f"{USER}:{PASSWORD}@"])
async def test_unencrypted_server_elsewhere_gets_neither_password_nor_mail(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    async with mail_server(tls, starttls=False) as server:
        be_elsewhere(monkeypatch, server)
        finding = await examined(f"smtp://{user}mail.example.com:{server.port}")
    assert (finding.mark.value, "no encryption" in finding.text) == ("wrong", True)
    assert "AUTH" not in server.asked


async def test_wrong_kind_of_server_is_told(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as server:
        assert "does not speak TLS as it should" in (await examined(with_user("smtps", server))).text
    async with mail_server(tls, greeting=b"SSH-2.0-server") as server:
        assert "does not speak SMTP as it should" in (await examined(with_user("smtp", server))).text


async def test_absent_and_silent_servers_are_told(unknown_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "connection refused" in (await examined(f"smtp://localhost:{free_port()}")).text
    assert "not known" in (await examined(f"smtp://{unknown_host}")).text
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        finding = await examined(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    assert (finding.mark.value, "did not answer" in finding.text) == ("wrong", True)


async def test_folder_that_can_be_made_or_written_is_well_and_stays_as_it_is(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "new" / "mail"):
        finding = await examined(f"file://{folder}", APP_ENV="development")
        assert (finding.mark.value, str(folder) in finding.text) == ("ok", True)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - Nothing that the test waits for.


async def test_folder_in_production_is_a_warning(tmp_path: Path) -> None:
    finding = await examined(f"file://{tmp_path}")
    assert (finding.mark.value, "forgotten passwords" in finding.text) == ("warning", True)


async def test_folder_that_is_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "mail").touch()
    for path in ("mail", "mail/inbox"):
        assert (await examined(f"file://{tmp_path}/{path}")).mark.value == "wrong"
