"""Mail over a real server: what reaches it, and in which way."""

import socket
import ssl
from typing import Any

import pytest
from mail_entries import CREATED, NAME, TO
from mail_sending import CONTENT, MAIL, OWN_HOST, PASSWORD, SENDER, USER, Serve, reason_of, send
from smtp_server import PATIENCE

from webapp.mail import smtp
from webapp.mail.errors import Undeliverable
from webapp.mail.message import Mail
from webapp.mail.smtp import Server, SmtpTransport

TO_UTF8 = Mail(
    "id", CREATED, SENDER, "ünï@example.test", utf8=True, content="To: ünï@example.test\r\n\r\nx\r\n".encode()
)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a host that is not this machine by its name, and is it by its address."""
    resolve = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **options: Any) -> object:
        return resolve("127.0.0.1" if host == NAME else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return NAME


async def test_server_on_this_machine_takes_a_mail_as_it_is_and_unencrypted(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
):
    # Nobody waits long for a goodbye; here it is to be heard on a busy machine too.
    monkeypatch.setattr(smtp, "TIME_FOR_GOODBYE", PATIENCE)
    server = serve()
    await send(server.url)
    (received,) = server.received
    assert (received.sender, received.recipients, received.content) == (SENDER, (TO,), CONTENT)
    assert (received.encrypted, received.helo) == (False, OWN_HOST)
    assert server.asked == ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY", "ANSWER", "QUIT"]


async def test_password_goes_only_after_starttls(serve: Serve, tls: ssl.SSLContext, elsewhere: str):
    server = serve(tls=tls, user=USER, password=PASSWORD)
    await send(server.url_of(elsewhere))
    assert [(each.encrypted, each.user) for each in server.received] == [(True, USER)]
    assert server.asked.index("STARTTLS") < server.asked.index("AUTH") < server.asked.index("MAIL")


async def test_tls_from_the_start_is_spoken_with_smtps(serve: Serve, tls: ssl.SSLContext, elsewhere: str):
    server = serve(tls=tls, encrypted=True, user=USER, password=PASSWORD)
    await send(server.url_of(elsewhere))
    assert [(each.encrypted, each.user) for each in server.received] == [(True, USER)]
    assert "STARTTLS" not in server.asked


async def test_server_elsewhere_without_starttls_gets_neither_password_nor_mail(serve: Serve, elsewhere: str):
    server = serve(user=USER, password=PASSWORD)
    assert await reason_of(server.url_of(elsewhere)) == "the server offers no encryption (STARTTLS)"
    assert server.asked == ["CONNECT", "EHLO"]


@pytest.mark.parametrize("encrypted", [False, True])
async def test_server_elsewhere_with_the_certificate_of_another_gets_nothing(
    serve: Serve,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    encrypted: bool,  # noqa: FBT001 - a parameter of pytest.
):
    monkeypatch.setattr(smtp, "is_here", lambda _: False)
    server = serve(tls=tls, encrypted=encrypted, user=USER, password=PASSWORD)
    assert "certificate of the server is not good for it" in await reason_of(server.url_of("127.0.0.1"))
    assert {"AUTH", "MAIL"}.isdisjoint(server.asked)


async def test_server_elsewhere_that_nobody_vouches_for_gets_nothing(
    serve: Serve, tls: ssl.SSLContext, elsewhere: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate of the server is not good for it" in await reason_of(serve(tls=tls).url_of(elsewhere))


async def test_server_on_this_machine_may_have_any_certificate(serve: Serve, tls: ssl.SSLContext):
    server = serve(tls=tls, user=USER, password=PASSWORD)
    await send(server.url_of("127.0.0.1"))
    assert [each.encrypted for each in server.received] == [True]


async def test_smtps_wants_a_good_certificate_of_this_machine_too(serve: Serve, tls: ssl.SSLContext):
    assert "not good for it" in await reason_of(serve(tls=tls, encrypted=True).url_of("127.0.0.1"))


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("mail.localhost", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nobody listens there.
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_own_names_alone(host: str, here: bool):  # noqa: FBT001 - a parameter of pytest.
    assert smtp.is_here(host) is here


async def test_letters_beyond_ascii_go_to_a_server_that_takes_them(serve: Serve):
    server = serve()
    await send(server.url, TO_UTF8)
    assert server.received[0].recipients == (TO_UTF8.recipient,)
    assert server.received[0].content == TO_UTF8.content


async def test_letters_beyond_ascii_are_not_sent_to_a_server_that_does_not_take_them(serve: Serve):
    server = serve(utf8=False)
    with pytest.raises(Undeliverable, match="SMTPUTF8"):
        await send(server.url, TO_UTF8)
    assert "MAIL" not in server.asked


@pytest.mark.parametrize(
    ("url", "port"), [("smtp://mail.test", 587), ("smtps://mail.test", 465), ("smtp://mail.test:25", 25)]
)
def test_port_is_that_of_mail_from_people_who_sign_in(url: str, port: int):
    assert Server.at(url).port == port


@pytest.mark.parametrize(
    ("host", "said"), [("127.0.0.1", "[127.0.0.1]"), ("[::1]", "[IPv6:::1]"), ("a.test", "a.test")]
)
async def test_site_introduces_itself_by_its_host(serve: Serve, host: str, said: str):
    server = serve()
    await SmtpTransport(Server.at(server.url), host).send(MAIL)
    assert server.received[0].helo == said
