"""Options that several commands share."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.periods import Period

NAME_LENGTH = 128


class PeriodTransformer(app_commands.Transformer[discord.Client]):
    """A period, picked by its plain name."""

    @property
    def choices(self) -> list[app_commands.Choice[str | int | float]]:
        """All periods, in their usual order."""
        return [app_commands.Choice(name=period.title, value=period.value) for period in Period]

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Period:
        """Return the period of a code; another text is refused."""
        return Period(value)


class NameTransformer(app_commands.Transformer[discord.Client]):
    """The name of a system, a settlement or a CMDR, taken as it was typed."""

    @property
    def min_value(self) -> int:
        """At least one sign."""
        return 1

    @property
    def max_value(self) -> int:
        """No longer than names in the database are."""
        return NAME_LENGTH

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> str:
        """Return the name; what Discord's own client would not let pass is refused."""
        if not isinstance(value, str) or not 1 <= len(value) <= NAME_LENGTH:
            raise ValueError("no name")
        return value


PeriodOption = app_commands.Transform[Period, PeriodTransformer]
NameOption = app_commands.Transform[str, NameTransformer]
