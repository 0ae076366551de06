"""The one place of the command line that reads the real clock."""

from __future__ import annotations

from datetime import UTC, datetime


def real_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
