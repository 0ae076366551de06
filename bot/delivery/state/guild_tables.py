"""The tables of what the bot remembers of guilds."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from bot.delivery.state.columns import JsonText, Snowflake, UtcDateTime, metadata

guild_link = Table(
    "bgsbot_guild_link",
    metadata,
    Column("guild_id", Snowflake, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("tenant_name", Text, nullable=False),
    Column("has_own_id", Boolean, nullable=False),
    Column("linked_by", Snowflake, nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
)
"""An id that the file did not give followed from the name, and may move."""

link_attempt = Table(
    "bgsbot_link_attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("guild_id", Snowflake, nullable=False),
    Column("user_id", Snowflake),
    Column("attempted_at", UtcDateTime, nullable=False),
    Index("ix_bgsbot_link_attempt_guild", "guild_id", "attempted_at"),
    Index("ix_bgsbot_link_attempt_user", "user_id", "attempted_at"),
)
"""An attempt without a user counts for its guild only."""

view = Table(
    "bgsbot_view",
    metadata,
    Column("id", Text, primary_key=True),
    Column("guild_id", Snowflake, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("user_id", Snowflake, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", JsonText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_bgsbot_view_guild", "guild_id"),
    Index("ix_bgsbot_view_expires", "expires_at"),
)

command_sync = Table(
    "bgsbot_command_sync",
    metadata,
    Column("application_id", Snowflake, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("synced_at", UtcDateTime, nullable=False),
)

notice = Table(
    "bgsbot_notice",
    metadata,
    Column("key", Text, primary_key=True),
    Column("given_at", UtcDateTime, nullable=False),
)
