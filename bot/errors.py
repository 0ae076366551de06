"""The root of every error this project raises on purpose.

The text of each is one sentence for the person who reads it: what was
wrong (file, field, value with secrets masked) and what to do.
"""

from __future__ import annotations


class BotError(Exception):
    """Something the user can understand and act on."""
