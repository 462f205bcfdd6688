"""Mails that go over a real server, and what is said when they do not."""

from collections.abc import Callable

import pytest
from mail_entries import CREATED, TO
from smtp_server import SmtpServer

from webapp.mail.errors import MailNotSent
from webapp.mail.message import Mail
from webapp.mail.smtp import Server, SmtpTransport

Serve = Callable[..., SmtpServer]

OWN_HOST = "gatehouse.test"
SENDER = "hello@gatehouse.test"
CONTENT = b"From: hello@gatehouse.test\r\nTo: ada@example.test\r\nSubject: Here\r\n\r\none\r\n.\r\n..two\r\n"
MAIL = Mail("id", CREATED, SENDER, TO, utf8=False, content=CONTENT)
# With what no URL may hold, and what is a sign of its own in one.
USER, PASSWORD = "ada@example.com", "pä/ss:w?rd%20+#@"


async def send(url: str, mail: Mail = MAIL) -> None:
    await SmtpTransport(Server.at(url), OWN_HOST).send(mail)


async def reason_of(url: str, mail: Mail = MAIL) -> str:
    with pytest.raises(MailNotSent) as raised:
        await send(url, mail)
    reason = raised.value.reason
    assert [told for told in (mail.recipient, USER, PASSWORD, "example") if told in reason] == []
    return reason
