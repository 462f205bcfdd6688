"""Reads what was written into a folder of mails, for ``/dev/mail``."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

# The latest ones; a folder of a long development would make a long page.
MOST = 100
SUFFIX = ".eml"


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail as its reader gets it: ``name`` finds it again, ``sent`` is in Unix seconds."""

    name: str
    to: str
    subject: str
    sent: int
    text: str
    html: str


def sent_mails(folder: Path) -> list[SentMail]:
    """Give the mails of a folder, the latest first; none where there is no folder yet."""
    return [read for name in sorted(_names(folder), reverse=True)[:MOST] if (read := sent_mail(folder, name))]


def sent_mail(folder: Path, name: str) -> SentMail | None:
    """Read one mail; None for a name that is none of the folder's."""
    # The name comes from an address, so it is only ever compared with those that are there.
    if name not in set(_names(folder)):
        return None
    message = message_from_bytes((folder / name).read_bytes(), policy=policy.default)
    sent = int(message["Date"].datetime.timestamp())
    to, subject = str(message["To"]), str(message["Subject"])
    return SentMail(name, to, subject, sent, _part(message, "plain"), _part(message, "html"))


def _names(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from (path.name for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file())


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())
