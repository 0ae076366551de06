"""A guild with a channel and a player, and a bot on the real client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox.people import MANAGE_GUILD
from bot.sandbox.server import Sandbox
from tests.sandbox.robot import Robot, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.players import Player


class Stage:
    """A guild with a channel, a player and a bot."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.guild = sandbox.world.add_guild("Wolves")
        self.channel = sandbox.world.add_channel(guild_id=self.guild.id, name="reports")
        self.ada = self.enter("Ada", MANAGE_GUILD)
        self.robot: Robot

    def enter(self, name: str, permissions: int = 0) -> Player:
        """Let somebody in."""
        user = self.sandbox.world.add_user(name)
        self.sandbox.world.join(self.guild, user, permissions)
        return self.sandbox.player(user.id)

    async def use(self, name: str, **options: object) -> InteractionView:
        """Let Ada use a command."""
        return await self.ada.command(self.guild.id, self.channel.id, name, options)

    @property
    def place(self) -> discord.TextChannel:
        """The channel as the bot knows it."""
        found = self.robot.get_channel(int(self.channel.id))
        assert isinstance(found, discord.TextChannel)
        return found


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Sandbox() as sandbox:
        stage = Stage(sandbox)
        async with running(sandbox) as stage.robot:
            yield stage
