"""A cog that fails wherever it is told to; tests put it among the bot's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.ui.errors import Refusal
from bot.ui.reply import Reply

if TYPE_CHECKING:
    import discord

    from bot.client import ReportBot


class Faulty(commands.Cog):
    """Fails."""

    @app_commands.command(name="fail", description="Fails in the way you ask for")
    @app_commands.describe(where="At which moment")
    async def fail(self, interaction: discord.Interaction[ReportBot], where: str) -> None:
        """Fail."""
        if where == "refusal":
            raise Refusal("Not today.")
        if where != "at once":
            await Reply.to(interaction).think(private=where == "thinking privately")
        raise RuntimeError("as the test wants it")


async def setup(bot: ReportBot) -> None:
    """Add the cog."""
    await bot.add_cog(Faulty())
