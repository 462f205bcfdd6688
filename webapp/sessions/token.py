"""The credential of a session: ``<account>.<session>.<secret>``.

The first two parts are public ids; they say where in Redis to look. The third is the secret. It exists in the browser's
cookie and nowhere else: Redis keeps a hash of it, and whoever reads that cannot sign in (promise 1).
"""

import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

# 128 random bits: nobody meets another's id by chance or by trying (promise 1).
PUBLIC_ID_BYTES = 16
# 256 random bits need no salt and no slow hash: there is nothing to guess.
SECRET_BYTES = 32

# The same, as base64url without padding writes them.
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")
TOKEN = re.compile(rf"({PUBLIC_ID.pattern})\.({PUBLIC_ID.pattern})\.([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class Token:
    """A session's credential in its three parts; ``str()`` gives the whole, ``repr()`` hides the secret."""

    account_id: str
    session_id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls, account_id: str) -> "Token":
        """Issue a token for a new session of the account. Raises ValueError when the id is not a public id."""
        if not is_public_id(account_id):
            raise ValueError(f"{account_id!r} is not a public id, so its tokens could not be read back.")
        return cls(account_id, new_public_id(), secrets.token_urlsafe(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Token | None":
        """Read a token; None when ``text`` does not have exactly the form of one."""
        match = TOKEN.fullmatch(text)
        return cls(*match.groups()) if match else None

    def renewed(self) -> "Token":
        """Issue a token for the same session, with another secret."""
        return Token(self.account_id, self.session_id, secrets.token_urlsafe(SECRET_BYTES))

    def __str__(self) -> str:
        """Write the token as the cookie carries it."""
        return f"{self.account_id}.{self.session_id}.{self.secret}"

    @property
    def secret_hash(self) -> str:
        """The SHA-256 of the secret, as 43 characters of base64url: what Redis keeps."""
        return urlsafe_b64encode(sha256(self.secret.encode()).digest()).rstrip(b"=").decode()


def new_public_id() -> str:
    """Make a random id that may be shown to everybody: 22 characters of base64url."""
    return secrets.token_urlsafe(PUBLIC_ID_BYTES)


def is_public_id(text: str) -> bool:
    """Whether ``text`` has exactly the form of a public id."""
    return PUBLIC_ID.fullmatch(text) is not None
