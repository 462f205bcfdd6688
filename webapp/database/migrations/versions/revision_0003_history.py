"""What happened to an account, the browsers it is known on, and a quick way to what is due of one kind."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and indexes over what is to be done."""
    _add_event()
    _add_known_browser()
    _index_outbox()


def downgrade() -> None:
    """Drop all of it."""
    op.create_index(op.f("ix_outbox_due"), "outbox", ["due"])
    op.drop_index(op.f("ix_outbox_until"), "outbox")
    op.drop_index(op.f("ix_outbox_kind_due"), "outbox")
    op.drop_table("known_browser")
    op.drop_table("event")


def _add_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("session_id", sa.Text, nullable=True),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=True),
        sa.Column("token_hash", sa.Text, nullable=True),
        sa.Column("token_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_event_account_id_account"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_event_token_hash")),
    )
    op.create_index(op.f("ix_event_account_id_at"), "event", ["account_id", "at"])
    op.create_index(op.f("ix_event_session_id"), "event", ["session_id"])
    op.create_index(op.f("ix_event_at"), "event", ["at"])


def _add_known_browser() -> None:
    op.create_table(
        "known_browser",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_known_browser")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_known_browser_account_id_account"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_known_browser_name"), "known_browser", ["name"])
    op.create_index(op.f("ix_known_browser_used"), "known_browser", ["used"])


def _index_outbox() -> None:
    op.create_index(op.f("ix_outbox_kind_due"), "outbox", ["kind", "due"])
    op.create_index(op.f("ix_outbox_until"), "outbox", ["until"])
    # The version before asks for kinds too, and has the index over both. Where this one stood beside it, PostgreSQL
    # took it by mistake while it had not counted the rows yet, and read those of every kind.
    op.drop_index(op.f("ix_outbox_due"), "outbox")
