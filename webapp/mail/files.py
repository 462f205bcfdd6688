"""The way into a folder: one file for each mail, for development and for sites whose mail somebody else fetches."""

import asyncio
import os
import re
from pathlib import Path

from .errors import MailNotSent
from .message import Mail


class FileTransport:
    """Writes mails into ``folder``, readable by this user alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: Mail) -> None:
        """Write one mail whole; the same mail again replaces its file."""
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise MailNotSent(
                f"the folder cannot be written: {(error.strerror or 'no reason given').lower()}"
            ) from error

    def _write(self, mail: Mail) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / file_name(mail)
        # Not ending in .eml: nobody shall take half a mail for one.
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(mail.content)
        draft.replace(path)


def file_name(mail: Mail) -> str:
    """Give a name that sorts by time and is the entry's own: ``20261120T140203.123456Z-<id>.eml``."""
    return f"{mail.created:%Y%m%dT%H%M%S.%f}Z-{re.sub(r'[^A-Za-z0-9_-]', '_', mail.id)}.eml"
