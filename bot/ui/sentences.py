"""Sentences of ours that quote others: commands are code in them, the rest does nothing."""

from __future__ import annotations

import re

from bot.rendering.limits import units
from bot.rendering.text import clean, escape

_CODE = re.compile(r"(?<!`)`([^`\n]{1,80})`(?!`)")
_LONGEST_PIECE = 120
_ESCAPED = 256


def sentence(text: str, limit: int) -> str:
    """Return a sentence for Discord's markdown.

    Parameters
    ----------
    text
        Such as an error's, with commands between backticks. Whatever it
        quotes may be a stranger's.
    limit
        The result's greatest length in UTF-16 units; a longer one ends in an
        ellipsis.
    """
    kept, shown = text, _shown(text)
    while units(shown) > limit:
        kept = kept[: min(len(kept) - 1, limit)].rstrip()
        shown = f"{_shown(kept)}…"
    return shown


def _shown(text: str) -> str:
    pieces = _CODE.split(text)
    return "".join(
        f"`{clean(piece)}`" if index % 2 and clean(piece).strip() else _harmless(piece)
        for index, piece in enumerate(pieces)
    )


def _harmless(text: str) -> str:
    """Escape a piece of a sentence, and keep the spaces around it."""
    chunks = (text[at : at + _LONGEST_PIECE] for at in range(0, len(text), _LONGEST_PIECE))
    return "".join(map(_harmless_chunk, chunks))


def _harmless_chunk(text: str) -> str:
    words = text.strip()
    if not words:
        return " "
    before, after = (" " if edge.isspace() else "" for edge in (text[0], text[-1]))
    return f"{before}{escape(words, _ESCAPED)}{after}"
