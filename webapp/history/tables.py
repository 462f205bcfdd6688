"""The table of this package, as the migrations leave it; a test compares the two."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from webapp.database import UtcDateTime, metadata

event = Table(
    "event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    # The session that it is about, or in which it was done; empty where somebody was not signed in.
    Column("session_id", Text, nullable=True, index=True),
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("place", Text, nullable=False),
    # What else there is to tell, as JSON.
    Column("body", Text, nullable=False),
    # The name of the browser of a sign-in, or of one that was disowned, as in ``known_browser``.
    Column("browser", Text, nullable=True),
    # The link by which a sign-in is said not to have been one's own, while it opens something.
    Column("token_hash", Text, nullable=True, unique=True),
    Column("token_until", UtcDateTime, nullable=True),
    Index("ix_event_account_id_at", "account_id", "at"),
)
