"""The file of an SQLite database, looked at before it is opened: opening would make it where it is missing."""

import os
from pathlib import Path

from webapp.database import read_url


def fault_of_file(database_url: str) -> str | None:
    """Say in a sentence why the file cannot be used; None when it can, or when the database is no file."""
    url = read_url(database_url)
    if url.get_backend_name() != "sqlite":
        return None
    path = Path(url.database or "")
    if not path.is_file():
        return f"There is no database at {path}. Run python -m webapp migrate, or see DATABASE_URL."
    # SQLite writes its log beside the file.
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
        return f"{path} or its folder cannot be written by this user; both have to be."
    return None
