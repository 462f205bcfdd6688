"""Does the outbox's entries of the kind ``mail``.

An entry's body names the ``letter``, the address ``to`` write to, and the values of the letter. A link is not among
them, since whoever reads the database reads the body: it holds a ``seed`` and a ``hash``, of which ``token_of`` makes
the token now.
"""

from collections.abc import Callable
from typing import Protocol

from webapp.outbox import Entry
from webapp.setting_addresses import mail_folder
from webapp.settings import Settings

from .errors import Undeliverable
from .files import FileTransport
from .letters import Letters
from .message import Mail, Sender, compose
from .smtp import TIME_FOR_A_MAIL, Server, SmtpTransport

# Of a seed and a hash; None when the key that made the token is gone.
TokenOf = Callable[[str, str], str | None]

# Seconds that whoever asks for one mail has to have, with some for what comes before it. It is no bound that is met: a
# mail that were cut by it would be taken for one that was never handed over.
PATIENCE = TIME_FOR_A_MAIL + 15

# Where the token of a letter belongs.
LINKS = {
    "confirm-email": "/confirm-email/",
    "confirm-new-email": "/confirm-email/",
    "reset-password": "/reset/",
    "email-restored": "/reset/",
    "email-changed": "/restore-email/",
    "new-sign-in": "/not-me/",
}


class Transport(Protocol):
    """A way for mails to leave."""

    async def send(self, mail: Mail) -> None:
        """Send one mail; raises MailNotSent, PerhapsSent, or Undeliverable when that will not change."""


class Mailer:
    """Writes letters and sends them; links in them begin with ``public_url`` and nothing else."""

    def __init__(self, transport: Transport, token_of: TokenOf, *, public_url: str, mail_from: str) -> None:
        self._transport = transport
        self._token_of = token_of
        self._public_url = public_url
        self._letters = Letters(public_url)
        self._sender = Sender.of(mail_from, public_url)

    async def send(self, entry: Entry) -> None:
        """Send the mail of an entry; raises what its transport raises, and Undeliverable for one without its link."""
        await self._transport.send(self.compose(entry))

    def compose(self, entry: Entry) -> Mail:
        """Make the mail of an entry."""
        values = {name: value for name, value in entry.body.items() if name not in {"seed", "hash"}}
        if path := LINKS.get(entry.body["letter"]):
            values["link"] = f"{self._public_url}{path}{self._token(entry)}"
        letter = self._letters.write(entry.body["letter"], values, int(entry.created.timestamp()))
        return compose(letter, entry.body["to"], entry.id, entry.created, self._sender)

    def _token(self, entry: Entry) -> str:
        token = self._token_of(entry.body["seed"], entry.body["hash"])
        if token is None:
            raise Undeliverable("the key that its link was made with is gone")
        return token


def open_mailer(settings: Settings, token_of: TokenOf) -> Mailer | None:
    """Make the mailer that the settings name; None where no mail is sent."""
    if settings.mail_url is None:
        return None
    transport = _transport(settings.mail_url, settings)
    return Mailer(transport, token_of, public_url=settings.public_url, mail_from=settings.mail_from)


def _transport(url: str, settings: Settings) -> Transport:
    if url.startswith("file:"):
        return FileTransport(mail_folder(url))
    return SmtpTransport(Server.at(url), Sender.of(settings.mail_from, settings.public_url).host)
