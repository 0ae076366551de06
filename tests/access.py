"""Who may get at the files of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def open_to_all(folder: Path) -> None:
    """Let other users get to a folder: those above it, which pytest keeps shut, are opened, too."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if mode & 0o005 != 0o005:
            each.chmod(mode & 0o7777 | 0o055)
