"""Make the tables of what the bot remembers of guilds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the guilds' tables."""
    op.create_table(
        "bgsbot_guild_link",
        sa.Column("guild_id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("tenant_name", sa.Text, nullable=False),
        sa.Column("has_own_id", sa.Boolean, nullable=False),
        sa.Column("linked_by", sa.Text, nullable=False),
        sa.Column("linked_at", sa.BigInteger, nullable=False),
    )
    _attempts()
    _views()
    op.create_table(
        "bgsbot_command_sync",
        sa.Column("application_id", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("synced_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bgsbot_notice",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("given_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the guilds' tables; the ledger stays."""
    for name in ("notice", "command_sync", "view", "link_attempt", "guild_link"):
        op.drop_table(f"bgsbot_{name}")


def _attempts() -> None:
    op.create_table(
        "bgsbot_link_attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("guild_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("attempted_at", sa.BigInteger, nullable=False),
    )
    for column in ("guild", "user"):
        op.create_index(
            f"ix_bgsbot_link_attempt_{column}",
            "bgsbot_link_attempt",
            [f"{column}_id", "attempted_at"],
        )


def _views() -> None:
    op.create_table(
        "bgsbot_view",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("guild_id", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_bgsbot_view_guild", "bgsbot_view", ["guild_id"])
    op.create_index("ix_bgsbot_view_expires", "bgsbot_view", ["expires_at"])
