"""The instance folder: what a development run keeps, and the environment that is made of it."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

DEFAULT_PORT = "8000"
# 64 characters; settings.py asks for 32.
SECRET_KEY_BYTES = 48


def environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Fill in what ``given`` leaves unset, apart from REDIS_URL: development must run without any configuration."""
    port = _set(given, "PORT") or DEFAULT_PORT
    defaults = {
        "SECRET_KEY": _set(given, "SECRET_KEY") or secret_key(folder),
        "DATABASE_URL": f"sqlite:///{folder.resolve() / 'gatehouse.sqlite3'}",
        "PUBLIC_URL": f"http://localhost:{port}",
        # Shown at /dev/mail.
        "MAIL_URL": f"file://{quote(str(folder.resolve() / 'mail'))}",
        "PORT": port,
        # The reader at the terminal wants each line when it is written.
        "PYTHONUNBUFFERED": "1",
    }
    filled = {name: _set(given, name) or value for name, value in defaults.items()}
    return {**given, **filled, "APP_ENV": "development"}


def needs_redis(given: Mapping[str, str]) -> bool:
    """Tell whether nobody has named a Redis, so that one of our own must run."""
    return not _set(given, "REDIS_URL")


def secret_key(folder: Path) -> str:
    """Give the instance's key, made at the first run and readable by this user alone."""
    path = folder / "secret_key"
    if not path.exists():
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(SECRET_KEY_BYTES))
        # A link appears whole and only once: two first runs at the same moment end up with the same key.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def _set(given: Mapping[str, str], name: str) -> str:
    return given.get(name, "").strip()
