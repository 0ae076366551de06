"""The root of every error this project raises on purpose.

The text of each is one sentence for the person who reads it: what was
wrong (file, field, value with secrets masked) and what to do.
"""

from __future__ import annotations


class BotError(Exception):
    """Something the user can understand and act on."""


def printable(text: str, limit: int = 80) -> str:
    """Return a foreign text fit for a terminal: no control characters, not too long."""
    text = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
