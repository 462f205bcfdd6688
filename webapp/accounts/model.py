"""What an account is, as everybody else gets to see it."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Role = Literal["member", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

# 128 random bits, so that nobody can guess the id of somebody else; 22 characters of base64url.
ID_BYTES = 16
ID_FORM = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account; nothing in it is secret. All times are aware and in UTC.

    ``confirmed`` is when the email was last proven, ``erase_at`` when the account is erased unless its owner signs in.
    """

    id: str
    email: str
    name: str
    role: Role
    created: datetime
    confirmed: datetime | None
    password_changed: datetime | None = None
    erase_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with what its password is checked against; never leaves this package."""

    account: Account
    email_key: str
    password_hash: str = field(repr=False)


def new_id() -> str:
    """Make an id for a new account."""
    return secrets.token_urlsafe(ID_BYTES)


def is_id(text: str) -> bool:
    """Tell whether ``text`` has the form of an account's id; anything else need not be looked up."""
    return ID_FORM.fullmatch(text) is not None
