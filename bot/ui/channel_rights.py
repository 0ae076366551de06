"""Whether something may be posted to the channel of an interaction."""

from __future__ import annotations

from typing import Any

import discord

from bot.ui.errors import Refusal


def may_post(interaction: discord.Interaction[Any]) -> None:
    """Let pass who may write in the channel, if the bot may too.

    Raises
    ------
    Refusal
        If one of them may not.
    """
    in_thread = isinstance(interaction.channel, discord.Thread)
    if not _may_write(interaction.permissions, in_thread=in_thread):
        raise Refusal("You may not write in this channel, so I can't post there for you.")
    own = interaction.app_permissions
    may_embed = own.administrator or (own.view_channel and own.embed_links)
    if not (may_embed and _may_write(own, in_thread=in_thread)):
        raise Refusal(
            "I may not post here. Ask somebody with the permission Manage Server to give me "
            "View Channel, Send Messages and Embed Links in this channel."
        )


def _may_write(permissions: discord.Permissions, *, in_thread: bool) -> bool:
    if permissions.administrator:
        return True
    return permissions.send_messages_in_threads if in_thread else permissions.send_messages
