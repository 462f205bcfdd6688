"""The table of this package, as the migrations leave it; a test compares the two."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from webapp.database import UtcDateTime, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("account_id", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("body", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
    # While it is in the future, one process is at it.
    Column("claimed_until", UtcDateTime, nullable=True),
    Column("attempts", Integer, nullable=False),
    # Each runner asks for its own kinds, and of one kind there may be a million that are due in a month.
    Index("ix_outbox_kind_due", "kind", "due"),
)
