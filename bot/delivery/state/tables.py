"""The tables of the state database.

Their names begin with ``bgsbot_`` so that they can live beside others. The
migrations make them; a test proves that both agree.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.delivery.state.columns import JsonText, StateText, UtcDateTime, metadata
from bot.delivery.state.guild_tables import command_sync, guild_link, link_attempt, notice, view

__all__ = [
    "REVISIONS",
    "VERSION_TABLE",
    "broken_webhook",
    "command_sync",
    "guild_link",
    "link_attempt",
    "message",
    "metadata",
    "notice",
    "part",
    "pause",
    "tenant",
    "view",
]

VERSION_TABLE = "bgsbot_schema"
REVISIONS = ("0001", "0002")
"""Every revision under migrations, oldest first; known without importing Alembic."""

part = Table(
    "bgsbot_part",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("window_key", Text, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("period", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("state", StateText, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("in_doubt_count", Integer, nullable=False, default=0),
    Column("resent_in_doubt", Integer, nullable=False, default=0),
    Column("message_id", Text),
    Column("thread_id", Text),
    Column("error", Text),
    Column("claim", Text),
    Column("lease_until", UtcDateTime),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("first_sent_at", UtcDateTime),
    Column("last_sent_at", UtcDateTime),
    Column("in_doubt_since", UtcDateTime),
    Column("failing_since", UtcDateTime),
    Column("next_attempt_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint(
        "tenant",
        "report",
        "window_key",
        "occasion",
        "channel",
        "part",
        name="uq_bgsbot_part_key",
    ),
    Index("ix_bgsbot_part_state", "state"),
    sqlite_autoincrement=True,
)

message = Table(
    "bgsbot_message",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column(
        "part_id",
        Integer,
        ForeignKey("bgsbot_part.id", name="fk_bgsbot_message_part", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("found", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

broken_webhook = Table(
    "bgsbot_broken_webhook",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

pause = Table(
    "bgsbot_pause",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
)

tenant = Table(
    "bgsbot_tenant",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("first_seen", UtcDateTime, nullable=False),
)
