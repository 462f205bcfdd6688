"""The tables of this package, as the migrations leave them; a test compares the two."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text

from webapp.database import UtcDateTime, metadata

from .links import PURPOSES
from .model import ROLES

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    # As typed, for display and for mail; email_key is what is compared, see emails.py.
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    # When the email was last proven; empty until then.
    Column("confirmed", UtcDateTime, nullable=True),
    # Empty where it is still the one of the registration.
    Column("password_changed", UtcDateTime, nullable=True),
    # When all of this is erased, unless the person signs in before; empty where nobody asked for it.
    Column("erase_at", UtcDateTime, nullable=True),
    CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="role"),
)

# A browser on which somebody has signed in to an account; it proves nothing.
known_browser = Table(
    "known_browser",
    metadata,
    Column("account_id", Text, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    # As its cookie names it, for every account (browsers.py).
    Column("name", Text, primary_key=True, index=True),
    # Hashes of the secret in that cookie: of the one handed out last, and of the known one shown for it.
    Column("secret", Text, nullable=False),
    Column("previous", Text, nullable=True),
    Column("created", UtcDateTime, nullable=False),
    Column("used", UtcDateTime, nullable=False, index=True),
)

# A link in a mail that still opens something.
link = Table(
    "link",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    # What it is about: the address to confirm, the new one, the one to go back to, or the one to which it was sent.
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, index=True),
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False, index=True),
    CheckConstraint(f"purpose IN ({', '.join(map(repr, PURPOSES))})", name="purpose"),
)
