"""Mail servers that refuse, hang, drop, or are away."""

import asyncio
import ssl
import time

import pytest
from mail_sending import PASSWORD, USER, Serve, reason_of, send
from smtp_server import SmtpServer

from webapp.mail import smtp
from webapp.mail.errors import Undeliverable

BEFORE_THE_MAIL = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"]


async def hang(server: SmtpServer) -> None:
    """Send until the server hangs where it is told to; on a busy machine it may be too late with something before."""
    while server.hang_at not in server.asked:
        assert await reason_of(server.url) == "the server did not answer in time"


async def test_wrong_password_is_told(serve: Serve, tls: ssl.SSLContext):
    server = serve(tls=tls, user=USER, password="another")
    url = server.url.replace("another", "wrong")
    assert await reason_of(url) == "the server refuses user or password (535 5.7.8)"
    assert server.received == []


@pytest.mark.parametrize(
    ("stage", "answer", "said"),
    [
        ("CONNECT", "421 4.3.2 Closing", "the server will not do it (421 4.3.2)"),
        ("EHLO", "550 Who", "the server will not do it (550)"),
        ("MAIL", "451 4.7.0 <hello@gatehouse.test> later", "the server refuses the sender (MAIL_FROM) (451 4.7.0)"),
        ("MAIL", "550 5.7.1 No", "the server refuses the sender (MAIL_FROM) (550 5.7.1)"),
        ("RCPT", "450 4.2.1 <ada@example.test> later", "the server refuses the recipient (450 4.2.1)"),
        ("RCPT", "554 5.7.1 <ada@example.test> relay", "the server refuses the recipient (554 5.7.1)"),
        ("RCPT", "550 <ada@example.test> no", "the server refuses the recipient (550)"),
        ("DATA", "451 Later", "the server refuses the mail (451)"),
        ("BODY", "452 4.3.1 Full", "the server refuses the mail (452 4.3.1)"),
        ("BODY", "554 5.6.0 Spam for ada@example.test", "the server refuses the mail (554 5.6.0)"),
    ],
)
async def test_refusal_is_told_with_its_code_and_without_what_the_server_quotes(
    serve: Serve, stage: str, answer: str, said: str
):
    server = serve(refuse={stage: answer})
    assert await reason_of(server.url) == said
    server.refuse.clear()
    await send(server.url)
    assert len(server.received) == 1


async def test_address_that_nobody_has_is_not_tried_again(serve: Serve):
    server = serve(refuse={"RCPT": "550 5.1.1 <ada@example.test> unknown"})
    with pytest.raises(Undeliverable) as raised:
        await send(server.url)
    assert raised.value.reason == "nobody has this address, the server says (550 5.1.1)"


@pytest.mark.parametrize("stage", BEFORE_THE_MAIL)
async def test_server_that_hangs_is_left_in_time(serve: Serve, monkeypatch: pytest.MonkeyPatch, stage: str):
    monkeypatch.setattr(smtp, "TIME_FOR_AN_ANSWER", 0.3)
    await hang(serve(hang_at=stage))


async def test_server_that_is_slow_at_every_stage_is_left_in_time(serve: Serve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp, "TIME_TO_HAND_OVER", 0.2)
    begun = time.monotonic()
    assert await reason_of(serve(hang_at="RCPT").url) == "the server did not answer in time"
    assert time.monotonic() - begun < smtp.TIME_FOR_AN_ANSWER


@pytest.mark.parametrize("stage", ["STARTTLS", "AUTH"])
async def test_server_that_hangs_on_the_way_to_signing_in_is_left_in_time(
    serve: Serve, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, stage: str
):
    monkeypatch.setattr(smtp, "TIME_FOR_AN_ANSWER", 0.5)
    await hang(serve(tls=tls, user=USER, password=PASSWORD, hang_at=stage))


@pytest.mark.parametrize("stage", BEFORE_THE_MAIL)
async def test_dropped_connection_is_told(serve: Serve, stage: str):
    server = serve(drop_at=stage)
    reason = await reason_of(server.url)
    assert "cannot be reached" in reason or reason == "the connection to the server was lost"
    assert server.received == []


@pytest.mark.parametrize("trouble", [{"hang_at": "QUIT"}, {"drop_at": "QUIT"}, {"refuse": {"QUIT": "500 No"}}])
async def test_mail_that_was_taken_is_sent_whatever_comes_after(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, trouble: dict[str, object]
):
    monkeypatch.setattr(smtp, "TIME_FOR_GOODBYE", 0.1)
    server = serve(**trouble)
    await send(server.url)
    assert len(server.received) == 1


async def test_server_that_is_away_is_told_and_its_return_is_seen(serve: Serve):
    server = SmtpServer()
    assert await reason_of(server.url) == "the server cannot be reached: connection refused"
    with server:
        await send(server.url)
    assert len(server.received) == 1


async def test_server_that_speaks_something_else_is_told(serve: Serve, tls: ssl.SSLContext):
    plain = serve()
    assert "TLS" in await reason_of(plain.url.replace("smtp://", "smtps://"))


async def test_cancelled_sending_leaves_no_connection(serve: Serve):
    server = serve(hang_at="BODY")
    sending = asyncio.create_task(send(server.url))
    while "BODY" not in server.asked:  # noqa: ASYNC110 - it happens in another thread.
        await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.received == []
