"""The way over a mail server.

Elsewhere than on this machine a mail leaves only encrypted, to a server whose certificate is good for its name: a
letter holds links that are worth as much as a password. On this machine nobody is on the way, so there encryption is
taken where it is offered and no certificate is asked for; most servers there have one that they made themselves.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

from .errors import MailNotSent, Undeliverable
from .message import Mail
from .smtp_answers import doubt, failure

# Seconds until the mail itself is handed over, and for each answer on the way: a server that hangs there is left soon.
TIME_TO_HAND_OVER = 30
TIME_FOR_AN_ANSWER = 12
# Seconds for the answer to the mail. Servers look for spam and viruses first, and one that is left meanwhile delivers
# all the same, once for each try. RFC 5321, 4.5.3.2.6, asks for ten minutes; some links live for thirty.
TIME_TO_TAKE_IT = 300
# Seconds for the server's goodbye, which changes nothing any more.
TIME_FOR_GOODBYE = 2
TIME_FOR_A_MAIL = TIME_TO_HAND_OVER + TIME_TO_TAKE_IT + TIME_FOR_GOODBYE
# The answer that asks for the mail, and the first digit of every answer that says yes.
READY, TAKEN = 354, 2
# RFC 5321, 4.5.2: a line that is a dot alone is the end, so others that begin with one get another.
FIRST_DOT = re.compile(rb"^\.", re.MULTILINE)
# Where a server takes mail of people who sign in (RFC 8314): with TLS from the start, and with TLS on demand.
PORTS = {"smtps": 465, "smtp": 587}


def is_here(host: str) -> bool:
    """Tell whether a mail server's host is this very machine, by its name alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how it is reached, as MAIL_URL names it."""

    host: str
    port: int
    tls_from_the_start: bool
    user: str
    password: str

    @classmethod
    def at(cls, url: str) -> "Server":
        """Read MAIL_URL, which the settings have checked."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "",
            port=parts.port or PORTS[parts.scheme],
            tls_from_the_start=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    @property
    def may_be_plain(self) -> bool:
        """Whether a mail may go there unencrypted, or encrypted for whomever."""
        return is_here(self.host) and not self.tls_from_the_start


class _Client(SMTP):
    """The library's client, which leaves no connection behind.

    The library itself closes a failed one gently. Under TLS that waits for the other side, which may be what failed.
    """

    def close(self) -> None:
        """End the connection at once: whatever there was to say goodbye for is said by now."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        super().close()


class SmtpTransport:
    """Sends mails over ``server``, a connection each; ``own_host`` is how we introduce ourselves."""

    def __init__(self, server: Server, own_host: str) -> None:
        self._server = server
        self._own_host = _introduced(own_host)

    async def send(self, mail: Mail) -> None:
        """Hand over one mail; returns when the server has answered for it."""
        client = self._client()
        try:
            async with asyncio.timeout(TIME_TO_HAND_OVER):
                await self._connect(client)
                connection = await _announce(client, mail)
            await _hand_over(connection, mail.content)
        except (SMTPException, OSError, ValueError) as error:
            raise failure(error) from error
        else:
            # The mail is sent, whatever comes now: a second try would be a second mail.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=TIME_FOR_GOODBYE)
        finally:
            client.close()

    def _client(self) -> SMTP:
        return _Client(
            hostname=self._server.host,
            port=self._server.port,
            local_hostname=self._own_host,
            timeout=TIME_FOR_AN_ANSWER,
            use_tls=self._server.tls_from_the_start,
            # We do it ourselves, after a look at what is offered.
            start_tls=False,
            validate_certs=not self._server.may_be_plain,
        )

    async def _connect(self, client: SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if not self._server.tls_from_the_start:
            await self._encrypt(client)
        if self._server.user:
            await client.login(self._server.user, self._server.password)

    async def _encrypt(self, client: SMTP) -> None:
        if client.supports_extension("starttls"):
            await client.starttls()
            # What was said before may have been said by somebody on the way (RFC 3207, 4.2).
            await client.ehlo()
        elif not self._server.may_be_plain:
            raise MailNotSent("the server offers no encryption (STARTTLS)")


async def _announce(client: SMTP, mail: Mail) -> SMTPProtocol:
    if mail.utf8 and not client.supports_extension("smtputf8"):
        raise Undeliverable("the server takes no addresses with letters beyond ASCII (SMTPUTF8)")
    # Not sendmail(), which asks for a reset after a refusal, and waits for that longer than for the mail.
    options = ["SMTPUTF8", "BODY=8BITMIME"] if mail.utf8 else []
    encoding = "utf-8" if mail.utf8 else "ascii"
    await client.mail(mail.sender, options=options, encoding=encoding)
    await client.rcpt(mail.recipient, encoding=encoding)
    # Not data(), which waits for leave to send the mail as long as for the answer to it, and fails alike in both cases.
    leave = await client.execute_command(b"DATA")
    if leave.code != READY:
        raise SMTPDataError(leave.code, leave.message)
    if client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    return client.protocol


async def _hand_over(connection: SMTPProtocol, content: bytes) -> None:
    connection.write(FIRST_DOT.sub(b"..", content) + b".\r\n")
    try:
        answer = await connection.read_response(timeout=TIME_TO_TAKE_IT)
    except (SMTPException, OSError) as error:
        raise doubt(error) from error
    # RFC 5321, 4.2.1: the first digit says it.
    if answer.code // 100 != TAKEN:
        raise SMTPDataError(answer.code, answer.message)


def _introduced(host: str) -> str:
    # RFC 5321, 4.1.3: an address in place of a name stands in brackets.
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"  # noqa: PLR2004 - the version's own name.
