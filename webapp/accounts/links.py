"""Links in mails: tokens that open one thing, once, for a while.

A token has 256 bits and is worth as much as a password, so no store holds one: the database keeps a hash of it. Yet a
mail may wait for its server for hours, and the token has to be in it. So a token is made of a random *seed* with the
site's secret key; the waiting mail holds the seed, from which nobody without the key makes a token. Once a link was
sent, it lives on when the key is replaced: it is looked up by its hash alone.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, get_args

from . import emails

Purpose = Literal["confirm", "change", "restore", "reset"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

# How long each opens something.
LIFETIMES: dict[Purpose, timedelta] = {
    "confirm": timedelta(days=7),
    "change": timedelta(days=1),
    # As long as people take to notice that their mail went elsewhere.
    "restore": timedelta(days=7),
    "reset": timedelta(minutes=30),
}

# 256 random bits need no salt and no slow hash: there is nothing to guess.
SEED_BYTES = 32
TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Link:
    """What a token opens; ``email`` is the address that it is about."""

    token_hash: str
    account_id: str
    purpose: Purpose
    email: str
    email_key: str
    created: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that nobody has yet, and the seed of its token for the mail that brings it."""

    link: Link
    seed: str = field(repr=False)


class LinkMaker:
    """Makes links; ``keys`` are the secret key and then its fallbacks."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)

    def new_token(self) -> tuple[str, str]:
        """Make a token that nobody has yet: the seed for the mail that brings it, and the hash for the database."""
        seed = secrets.token_urlsafe(SEED_BYTES)
        return seed, token_hash(_token(self._keys[0], seed))

    def make(self, purpose: Purpose, account_id: str, email: str) -> NewLink:
        """Make a link that lives for what LIFETIMES says."""
        now = datetime.now(UTC)
        seed, hashed = self.new_token()
        email_key = emails.normalise(email)
        return NewLink(Link(hashed, account_id, purpose, email, email_key, now, now + LIFETIMES[purpose]), seed)

    def token_of(self, seed: str, hashed: str) -> str | None:
        """Give the token whose hash is ``hashed``; None when it was made with a key that is gone."""
        made = (_token(key, seed) for key in self._keys)
        return next((token for token in made if token_hash(token) == hashed), None)


def token_hash(token: str) -> str:
    """Give what the database knows a token by: its SHA-256 in base64url."""
    return _base64(sha256(token.encode()).digest())


def is_token(text: str) -> bool:
    """Tell whether ``text`` has the form of a token; anything else need not be looked up."""
    return TOKEN_FORM.fullmatch(text) is not None


def _token(key: str, seed: str) -> str:
    return _base64(hmac.digest(key.encode(), f"gatehouse link {seed}".encode(), "sha256"))


def _base64(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode().rstrip("=")
