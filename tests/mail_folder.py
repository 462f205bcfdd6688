"""The inboxes of a site that writes its mails into a folder, as MAIL_URL=file://… has it."""

import asyncio
import re
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from webapp.mail.sent import SentMail, sent_mails

PATIENCE = 20.0
LINK = re.compile(r"https?://\S+/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


async def arrived(folder: Path, to: str, count: int = 1) -> list[SentMail]:
    """Wait until so many mails have come for an address, and give all of its mails, the latest first."""
    deadline = monotonic() + PATIENCE
    while len(found := [mail for mail in sent_mails(folder) if mail.to == to]) < count:
        assert monotonic() < deadline, f"{len(found)} mails came for {to}, not {count}"
        await asyncio.sleep(0.02)
    return found


async def link_to(folder: Path, to: str, count: int = 1) -> str:
    """Wait as ``arrived`` does, and give the path of the link in the latest mail."""
    (link,) = LINK.findall((await arrived(folder, to, count))[0].text)
    return str(urlsplit(link).path)


async def link_at(folder: Path, to: str, path: str) -> str:
    """Wait for a mail with a link below ``path``, whatever else comes, and give the path of the latest such link."""
    deadline = monotonic() + PATIENCE
    while not (links := [link for mail in sent_mails(folder) if mail.to == to for link in _paths(mail, path)]):
        assert monotonic() < deadline, f"no mail for {to} has a link below {path}"
        await asyncio.sleep(0.02)
    return links[0]


def _paths(mail: SentMail, below: str) -> list[str]:
    paths = [str(urlsplit(link).path) for link in LINK.findall(mail.text)]
    return [path for path in paths if path.startswith(below)]
