"""Whether something may be posted to the channel of an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.ui.errors import Refusal

if TYPE_CHECKING:
    from discord import Permissions

_NOT_THE_ASKER = "You may not write in this channel, so I can't post there for you."
_NOT_THE_BOT = (
    "I may not post here. Ask somebody with the permission Manage Server to give me "
    "View Channel, {send} and Embed Links in this channel."
)


def may_post(interaction: discord.Interaction[Any]) -> None:
    """Let pass who may write in the channel, if the bot may too.

    Raises
    ------
    Refusal
        If one of them may not.
    """
    in_thread = is_in_thread(interaction)
    asker, own = interaction.permissions, interaction.app_permissions
    reason = why_not_to_post(asker, own, in_thread=in_thread)
    if reason is not None:
        raise Refusal(reason)


def is_in_thread(interaction: discord.Interaction[Any]) -> bool:
    """Whether somebody asks from within a thread, which has a right of its own."""
    return isinstance(interaction.channel, discord.Thread)


def not_the_bot(*, in_thread: bool) -> str:
    """Return what the bot needs, to post to a channel or a thread."""
    return _NOT_THE_BOT.format(send="Send Messages in Threads" if in_thread else "Send Messages")


def why_not_to_post(asker: Permissions, own: Permissions, *, in_thread: bool) -> str | None:
    """Return why nothing is posted for an asker; None if it may be.

    Parameters
    ----------
    asker, own
        What the asker and the bot may do in the channel.
    """
    if not _may_write(asker, in_thread=in_thread):
        return _NOT_THE_ASKER
    may_show = own.administrator or (own.view_channel and own.embed_links)
    may = may_show and _may_write(own, in_thread=in_thread)
    return None if may else not_the_bot(in_thread=in_thread)


def _may_write(permissions: Permissions, *, in_thread: bool) -> bool:
    if permissions.administrator:
        return True
    return permissions.send_messages_in_threads if in_thread else permissions.send_messages
