"""The commands of the bot, each served under guard."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.ui.guard import explain
from bot.ui.reply import Reply
from bot.ui.timing import begin, command_name, end

if TYPE_CHECKING:
    from bot.client import ReportBot

log = logging.getLogger(__name__)

_ONLY_IN_SERVERS = "Ask me in your squadron's server, please."


class ReportTree(app_commands.CommandTree["ReportBot"]):
    """Answers every failure of a command privately."""

    async def interaction_check(self, interaction: discord.Interaction[ReportBot], /) -> bool:
        """Refuse what does not come from a guild."""
        is_command = interaction.type is discord.InteractionType.application_command
        if interaction.guild_id is not None:
            if is_command:
                begin(interaction)
            return True
        if is_command:
            await Reply.to(interaction).refuse(_ONLY_IN_SERVERS)
        return False

    async def on_error(
        self, interaction: discord.Interaction[ReportBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the asker what went wrong."""
        await self._fail(interaction, error)

    async def _call(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Serve a command; discord.py tells us of its own errors only, and loses all others."""
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # noqa: BLE001  # told to the asker, and logged
            await self._fail(interaction, error)

    async def _fail(self, interaction: discord.Interaction[ReportBot], error: Exception) -> None:
        if interaction.type is discord.InteractionType.autocomplete:
            # A message would be no answer to it: it takes choices only.
            log.info("No suggestions for a command that is not known: %r", error)
            return
        await explain(interaction, name_of(interaction), error)
        end(interaction, error)

    def digest(self) -> str:
        """Return a text that changes when any command's definition does."""
        definitions: list[dict[str, Any]] = [
            dict(command.to_dict(self)) for command in self.get_commands()
        ]
        definitions.sort(key=lambda definition: (definition["type"], definition["name"]))
        text = json.dumps(definitions, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def name_of(interaction: discord.Interaction[Any]) -> str:
    """Return what was asked for, for the log."""
    name = command_name(interaction)
    return str(interaction.type) if name is None else f"/{name}"
