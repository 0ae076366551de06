"""Who may change what a server is linked to, and post by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import app_commands

if TYPE_CHECKING:
    import discord


def require_manager(interaction: discord.Interaction[Any]) -> None:
    """Let only those pass who may manage the server.

    Discord hides such commands from others, but a server's admin can show
    them to all, and a forged client asks nobody.

    Raises
    ------
    discord.app_commands.MissingPermissions
        If the asker may not.
    """
    held = interaction.permissions
    if not (held.manage_guild or held.administrator):
        raise app_commands.MissingPermissions(["manage_guild"])
