"""What the bot can do, told to who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.ui.help_texts import help_screen
from bot.ui.reply import Reply

if TYPE_CHECKING:
    import discord

    from bot.client import ReportBot


class Help(commands.Cog):
    """Answers /help."""

    def __init__(self, bot: ReportBot) -> None:
        self.bot = bot

    @app_commands.command(name="help", description="What I can do in this server")
    async def help(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Answer /help, from memory."""
        standing = self.bot.directory.standing(interaction.guild_id or 0)
        offered = [
            command
            for command in self.bot.tree.walk_commands()
            if isinstance(command, app_commands.Command)
        ]
        await Reply.to(interaction).tell(help_screen(standing, offered, self.bot.clock()))


async def setup(bot: ReportBot) -> None:
    """Add the cog."""
    await bot.add_cog(Help(bot))
