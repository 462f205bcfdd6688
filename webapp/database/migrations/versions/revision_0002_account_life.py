"""What an account's life needs: links in mails, what a change still owes, and the moments of both."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("account", sa.Column("password_changed", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("erase_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "link",
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_link")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_link_account_id_account"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("purpose IN ('confirm', 'change', 'restore', 'reset')", name=op.f("ck_link_purpose")),
    )
    op.create_index(op.f("ix_link_account_id"), "link", ["account_id"])
    op.create_index(op.f("ix_link_email_key"), "link", ["email_key"])
    op.create_index(op.f("ix_link_expires"), "link", ["expires"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_outbox_account_id_account"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_outbox_account_id"), "outbox", ["account_id"])
    op.create_index(op.f("ix_outbox_due"), "outbox", ["due"])


def downgrade() -> None:
    """Drop all of it, with every mail that was not sent."""
    op.drop_table("outbox")
    op.drop_table("link")
    op.drop_column("account", "erase_at")
    op.drop_column("account", "password_changed")
