"""Addresses of messages, as Discord's own client opens them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.delivery.ledger import Part
    from bot.delivery.whereabouts import Spot


def message_link(guild_id: int, spot: Spot | None, part: Part) -> str | None:
    """Return the address of a part's message; None where it is not known or not in the guild."""
    message_id = part.message_id
    if spot is None or not _is_id(message_id):
        return None
    channel_id = part.thread_id if _is_id(part.thread_id) else spot.shown_id
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def _is_id(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdecimal()
