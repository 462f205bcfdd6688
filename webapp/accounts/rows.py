"""How accounts and links stand in their tables."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from .links import Link
from .model import Account, Credentials

# PostgreSQL's code for two transactions that wait for each other. Of statements that write an email, for each other's.
DEADLOCK = "40P01"


def credential_columns(credentials: Credentials) -> dict[str, object]:
    """Give the columns of an account's row."""
    account = credentials.account
    return {
        "id": account.id,
        "email": account.email,
        "email_key": credentials.email_key,
        "name": account.name,
        "role": account.role,
        "password_hash": credentials.password_hash,
        "created": account.created,
        "confirmed": account.confirmed,
        "password_changed": account.password_changed,
        "erase_at": account.erase_at,
    }


def credentials_of(row: Row[Any]) -> Credentials:
    """Read an account's row."""
    times = row.created, row.confirmed, row.password_changed, row.erase_at
    return Credentials(Account(row.id, row.email, row.name, row.role, *times), row.email_key, row.password_hash)


def link_columns(link: Link) -> dict[str, object]:
    """Give the columns of a link's row."""
    return {
        "token_hash": link.token_hash,
        "account_id": link.account_id,
        "purpose": link.purpose,
        "email": link.email,
        "email_key": link.email_key,
        "created": link.created,
        "expires": link.expires,
    }


def link_of(row: Row[Any]) -> Link:
    """Read a link's row."""
    return Link(row.token_hash, row.account_id, row.purpose, row.email, row.email_key, row.created, row.expires)


def email_taken(error: DBAPIError) -> bool:
    """Tell whether the database refused a row because its email is another account's, or becomes it at this moment."""
    if getattr(error.orig, "sqlstate", None) == DEADLOCK:
        return True
    # PostgreSQL names the constraint apart from its message; SQLite's message is the column's name and no value.
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or str(error.orig)
    return "account_email_key" in constraint or "account.email_key" in constraint
