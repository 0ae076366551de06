"""Make the ledger's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _parts()
    _messages()
    op.create_table(
        "bgsbot_broken_webhook",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bgsbot_pause",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bgsbot_tenant",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop all tables, and with them the memory of what was posted."""
    for name in ("tenant", "pause", "broken_webhook", "message", "part"):
        op.drop_table(f"bgsbot_{name}")


def _parts() -> None:
    op.create_table(
        "bgsbot_part",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("window_key", sa.Text, nullable=False),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("in_doubt_count", sa.Integer, nullable=False),
        sa.Column("resent_in_doubt", sa.Integer, nullable=False),
        sa.Column("message_id", sa.Text),
        sa.Column("thread_id", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("claim", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("planned_at", sa.BigInteger, nullable=False),
        sa.Column("first_sent_at", sa.BigInteger),
        sa.Column("last_sent_at", sa.BigInteger),
        sa.Column("in_doubt_since", sa.BigInteger),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("next_attempt_at", sa.BigInteger),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint(
            "tenant",
            "report",
            "window_key",
            "occasion",
            "channel",
            "part",
            name="uq_bgsbot_part_key",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bgsbot_part_state", "bgsbot_part", ["state"])


def _messages() -> None:
    op.create_table(
        "bgsbot_message",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column(
            "part_id",
            sa.Integer,
            sa.ForeignKey("bgsbot_part.id", name="fk_bgsbot_message_part", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_bgsbot_message_part_id", "bgsbot_message", ["part_id"])
