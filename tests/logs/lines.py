"""What the tests write into a log, and how they read it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from bot.logs import LOG_FILE_NAME
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger("bot.something")


def settings(folder: Path, **changes: Any) -> Settings:
    """Return settings whose log is in a folder."""
    return Settings(base_dir=folder, **changes)


def log_text(folder: Path) -> str:
    """Return what is in the log."""
    return (folder / "logs" / LOG_FILE_NAME).read_text(encoding="utf-8")
