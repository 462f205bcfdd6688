"""A real mail server (aiosmtpd) in a thread: it keeps what it takes, and refuses, hangs or drops where it is told to.

It has its own event loop, so a test may block while it waits for a mail, and the site may be a process of its own.

    server = SmtpServer().start()
    ... MAIL_URL=server.url ...
    (message,) = server.wait_for("ada@example.test")
    visit(link_in(message))
    server.stop()

Everything about it may be changed while it runs. Its stages are CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (the
command), BODY (the mail itself), ANSWER (the mail is kept, as it is by one that looks for viruses first) and QUIT.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from threading import Condition, Thread
from typing import Any, Self, cast
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from ports import free_port

PATIENCE = 20.0
# It would tell of every address, and be found by tests of our own log.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Received:
    """A mail that was taken, and how it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool
    user: str
    helo: str

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=SMTPUTF8)


@dataclass
class SmtpServer:
    """A mail server on ``host``; with ``tls`` it offers STARTTLS, or speaks TLS from the start when ``encrypted``.

    With ``user`` it takes mail from nobody else. ``refuse`` holds answers by stage, such as ``450 4.2.1 Later``.
    Where it hangs, it goes on when ``hang_at`` is emptied.
    """

    tls: ssl.SSLContext | None = None
    encrypted: bool = False
    user: str = ""
    password: str = ""
    utf8: bool = True
    host: str = "127.0.0.1"
    refuse: dict[str, str] = field(default_factory=dict)
    hang_at: str = ""
    drop_at: str = ""
    port: int = field(default_factory=free_port)
    received: list[Received] = field(default_factory=list)
    # The stages that were reached, of all connections.
    asked: list[str] = field(default_factory=list)
    connections: set["_Connection"] = field(default_factory=set)
    _arrived: Condition = field(default_factory=Condition)

    def start(self) -> Self:
        """Listen, on the same port as before."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(
            self._loop.create_server(
                lambda: _Connection(self), self.host, self.port, ssl=self.tls if self.encrypted else None
            )
        )
        return self

    def stop(self) -> None:
        """Listen no more, and drop whoever is connected."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What MAIL_URL is to be."""
        return self.url_of("localhost" if self.tls else self.host)

    def url_of(self, host: str) -> str:
        """Give the same where this server has another name."""
        user = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{'smtps' if self.encrypted else 'smtp'}://{user}{host}:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        """All mails that were taken, the oldest first."""
        return [each.message for each in self.received]

    def wait_for(self, address: str, count: int = 1, *, seconds: float = PATIENCE) -> list[EmailMessage]:
        """Wait until so many mails have come for an address, and give all of its mails."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._of(address)) >= count, seconds):
                raise AssertionError(f"{len(self._of(address))} mails came for {address}, not {count}")
            return self._of(address)

    async def arrived(self, address: str, count: int = 1, *, seconds: float = PATIENCE) -> list[EmailMessage]:
        """Do the same without blocking the event loop."""
        return await asyncio.to_thread(self.wait_for, address, count, seconds=seconds)

    def keep(self, received: Received) -> None:
        """Keep a mail; called by connections."""
        with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()

    def _of(self, address: str) -> list[EmailMessage]:
        return [each.message for each in self.received if address in each.recipients]

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever the work gives.
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _end(self) -> None:
        self._server.close()
        for connection in tuple(self.connections):
            connection.drop()
        # Their ends come with the loop's next turns.
        while self.connections:  # noqa: ASYNC110 - protocols are told, and tell nobody.
            await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class _Connection(SMTP):
    """One connection; every command passes ``_refusal`` before it is done."""

    def __init__(self, server: SmtpServer) -> None:
        self._of = server
        super().__init__(
            self,
            hostname="mail.test",
            enable_SMTPUTF8=server.utf8,
            tls_context=None if server.encrypted else server.tls,
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._smtp_methods = {name: self._staged(name, do) for name, do in self._smtp_methods.items()}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be known, so that stopping the server ends this."""
        self._of.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Be forgotten."""
        self._of.connections.discard(self)
        super().connection_lost(error)

    def drop(self) -> None:
        """End without a word."""
        cast(asyncio.Transport, self.transport).abort()

    async def _handle_client(self) -> None:
        if refusal := await self._refusal("CONNECT"):
            await self.push(refusal)
            self._writer.close()
        else:
            await super()._handle_client()

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name.
        """Take a mail."""
        if refusal := await self._refusal("BODY"):
            return refusal
        sender, recipients = envelope.mail_from, tuple(envelope.rcpt_tos)
        encrypted, user = self._encrypted(), cast("str | None", session.auth_data) or ""
        content = cast(bytes, envelope.original_content)
        self._of.keep(Received(str(sender), recipients, content, encrypted, user, str(session.host_name)))
        return await self._refusal("ANSWER") or "250 2.0.0 Taken"

    async def handle_exception(self, error: Exception) -> str:
        """Answer what was no command; aiosmtpd would log it."""
        return f"500 {type(error).__name__}"

    def _staged(self, name: str, do: Any) -> Any:  # noqa: ANN401 - aiosmtpd's methods have no types.
        async def staged(argument: str | None) -> None:
            if refusal := await self._refusal(name):
                await self.push(refusal)
            else:
                await do(argument)

        return staged

    async def _refusal(self, stage: str) -> str:
        """Reach a stage; give the refusal of it, or nothing where it is to be done."""
        self._of.asked.append(stage)
        while stage == self._of.hang_at:  # noqa: ASYNC110 - it is emptied in another thread.
            await asyncio.sleep(0.01)
        if stage == self._of.drop_at:
            self.drop()
            raise ConnectionResetError
        if stage == "MAIL" and self._of.user and not (self.session and self.session.authenticated):
            return "530 5.7.0 Sign in first"
        return self._of.refuse.get(stage, "")

    def _authenticate(self, *given: object) -> AuthResult:
        data = cast(LoginPassword, given[-1])
        name = data.login.decode()
        right = (name, data.password.decode()) == (self._of.user, self._of.password)
        return AuthResult(success=right, handled=False, auth_data=name)

    def _encrypted(self) -> bool:
        return cast(asyncio.Transport, self.transport).get_extra_info("sslcontext") is not None


LINK = re.compile(r"https?://[^\s<>\"]+/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


def link_in(message: EmailMessage) -> str:
    """Give the link of a mail that holds a token; both of its parts must have the same one, and only one."""
    found = {kind: set(LINK.findall(part_of(message, kind))) for kind in ("plain", "html")}
    assert found["plain"] == found["html"], found
    (link,) = found["plain"]
    return cast(str, link)


def part_of(message: EmailMessage, kind: str) -> str:
    """Give the ``plain`` or ``html`` part of a mail."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
