"""The mail around a letter.

Only two headers hold what people typed or operators set: To and From. Both are made from parts that were read as an
address, and are written as they are: Python's own headers decode what looks like an encoded word, and
``=?utf-8?q?=0ABcc=3A...?=@example.com`` is an address that anybody may register with.
"""

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from urllib.parse import urlsplit

from webapp.setting_addresses import mailbox, sender

from .errors import Undeliverable
from .letters import Letter


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes on its way, with its envelope; ``utf8`` when a server must understand SMTPUTF8 (RFC 6531)."""

    id: str
    created: datetime
    sender: str
    recipient: str
    utf8: bool
    content: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: MAIL_FROM, and the site's host."""

    header: str
    address: str
    utf8: bool
    host: str

    @classmethod
    def of(cls, mail_from: str, public_url: str) -> "Sender":
        """Read MAIL_FROM, which the settings have checked."""
        name, read = sender(mail_from)
        address = f"{read.local_part}@{read.ascii_domain}"
        host = urlsplit(public_url).hostname or ""
        return cls(
            header=f"{_phrase(name)} <{address}>" if name else address,
            address=address,
            utf8=read.smtputf8 is True,
            host=f"[{host}]" if ":" in host else host,
        )


class _Exact(str):
    """A header's value that goes out as it is; the library asks for a name and for ``fold``."""

    __slots__ = ("name",)
    name: str

    @classmethod
    def of(cls, name: str, value: str) -> "_Exact":
        """Make the value of the header ``name``; line breaks in it may only be those of a folded one."""
        header = cls(value)
        header.name = name
        return header

    def fold(self, *, policy: Policy) -> str:
        """Give the header's line."""
        return f"{self.name}: {self}{policy.linesep}"


def compose(letter: Letter, to: str, entry_id: str, created: datetime, who: Sender) -> Mail:
    """Make the mail of an outbox entry. Composed again after a crash it is the same, and known by its Message-ID."""
    try:
        address = mailbox(to)
    except ValueError:
        raise Undeliverable("the address to write to is none") from None
    recipient = f"{address.local_part}@{address.ascii_domain}"
    utf8 = who.utf8 or address.smtputf8 is True
    message = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    message["From"] = _Exact.of("From", who.header)
    message["To"] = _Exact.of("To", recipient)
    message["Subject"] = letter.subject
    message["Date"] = created
    message["Message-ID"] = f"<{entry_id}@{who.host}>"
    # Nobody's holiday answers this (RFC 3834; the second is Exchange's own).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    _fill(message, letter)
    # Else the parts are divided by a random line, and the mail would not be the same the next time.
    message.set_boundary(f"=_{entry_id}")
    return Mail(entry_id, created, who.address, recipient, utf8, message.as_bytes())


def _fill(message: EmailMessage, letter: Letter) -> None:
    # Quoted-printable passes every server, and can still be read where somebody looks at the file.
    message.set_content(letter.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")


def _phrase(name: str) -> str:
    """Write a name so that nothing in it means anything (RFC 5322, 3.2.5; RFC 2047, 5)."""
    if name.isascii() and "=?" not in name:
        return '"{}"'.format(name.replace("\\", r"\\").replace('"', r"\""))
    return Header(name, "utf-8").encode(linesep="\r\n")
