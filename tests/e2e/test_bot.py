"""The bot as a whole: what it asks Discord for, and what it does when things go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.stage import Stage


async def test_it_comes_up_with_no_more_than_it_needs(stage: Stage) -> None:
    async with stage.bot() as bot:
        assert bot.intents.value == 1, "guilds, and nothing privileged"
        assert {guild.name for guild in bot.guilds} == {"Wolves", "Foxes", "Strangers"}
        assert "cogs.reporting" in bot.extensions
