"""Which squadron a server sees: link, unlink, show."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui import link_texts
from bot.ui.cooldown import Cooldown
from bot.ui.errors import STALE, Refusal
from bot.ui.linking import KIND, Linking
from bot.ui.overview import Surveyor
from bot.ui.overview_screen import overview_screen
from bot.ui.permissions import require_manager
from bot.ui.reply import Reply, Screen
from bot.ui.router import form_values

if TYPE_CHECKING:
    from bot.client import ReportBot
    from bot.ui.router import Press

_PER_MINUTE = 6


class Tenants(commands.Cog):
    """Answers /tenant."""

    tenant = app_commands.Group(
        name="tenant",
        description="Which squadron this server sees",
        default_permissions=discord.Permissions(manage_guild=True),
    )

    def __init__(self, bot: ReportBot) -> None:
        self.bot = bot
        self._linking = Linking(bot)
        self._surveyor = Surveyor(bot)
        self._pace = Cooldown(_PER_MINUTE, 60.0, time.monotonic)

    async def cog_load(self) -> None:
        """Serve the form and the buttons."""
        self.bot.router.serve_form(link_texts.FORM, self.on_key)
        self.bot.router.serve(KIND, self.on_press)

    async def cog_unload(self) -> None:
        """Serve them no more."""
        self.bot.router.forget(link_texts.FORM, KIND)

    @tenant.command(
        name="link",
        description="Link this server to your squadron",
        extras={"sources": (None, "link")},
    )
    async def link(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Ask for a squadron's link key."""
        self._linking.check(interaction)
        await Reply.to(interaction).ask(link_texts.key_form())

    async def on_key(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Link the server to the squadron whose key was typed."""
        guild_id = self._linking.check(interaction)
        typed = form_values(interaction).get(link_texts.KEY_INPUT, "")
        reply = Reply.to(interaction)
        await reply.think(private=True)
        await reply.show(await self._linking.use_key(guild_id, interaction.user.id, typed))

    async def on_press(self, press: Press) -> None:
        """Replace a link, or leave it as it is."""
        guild_id = self._linking.check(press.interaction)
        reply = Reply.to(press.interaction)
        await reply.hold()
        match press.action:
            case link_texts.REPLACE:
                await reply.show(await self._linking.replace(press, guild_id))
            case link_texts.KEEP:
                await self._linking.keep(press)
                await reply.show(Screen(link_texts.KEPT))
            case _:
                raise Refusal(STALE)

    @tenant.command(
        name="unlink",
        description="End this server's link to its squadron",
        extras={"sources": ("link",)},
    )
    async def unlink(self, interaction: discord.Interaction[ReportBot]) -> None:
        """End the server's link."""
        guild_id = self._linking.check(interaction)
        reply = Reply.to(interaction)
        await reply.think(private=True)
        await reply.show(await self._linking.unlink(guild_id, interaction.user.id))

    @tenant.command(name="show", description="What this server sees, and how its posts go")
    async def show(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Show what the server sees."""
        require_manager(interaction)
        tenant = self.bot.tenant_for(interaction)
        self._pace.check(interaction)
        reply = Reply.to(interaction)
        await reply.think(private=True)
        overview = await self._surveyor.look(interaction, tenant)
        await reply.show(overview_screen(overview))


async def setup(bot: ReportBot) -> None:
    """Add the cog."""
    await bot.add_cog(Tenants(bot))
