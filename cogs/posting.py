"""Posting a report now, because somebody asks for it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.periods import Period
from bot.ui import post_screens
from bot.ui.cooldown import Cooldown
from bot.ui.errors import STALE, Refusal
from bot.ui.options import PeriodOption  # noqa: TC001  # discord.py evaluates it
from bot.ui.permissions import require_manager
from bot.ui.post_desk import KIND, PostDesk
from bot.ui.post_order import Order
from bot.ui.post_texts import CANCELLED, POSTING
from bot.ui.reply import Reply, Screen
from bot.ui.report_choice import offer_reports

if TYPE_CHECKING:
    from bot.client import ReportBot
    from bot.ui.router import Press

log = logging.getLogger(__name__)

_PER_MINUTE = 6


class Posting(commands.Cog):
    """Answers /post."""

    def __init__(self, bot: ReportBot) -> None:
        self.bot = bot
        self._desk = PostDesk(bot)
        self._pace = Cooldown(_PER_MINUTE, 60.0, time.monotonic)

    async def cog_load(self) -> None:
        """Serve the buttons."""
        self.bot.router.serve(KIND, self.on_press)

    async def cog_unload(self) -> None:
        """Serve them no more."""
        self.bot.router.forget(KIND)

    @app_commands.command(
        name="post",
        description="Post a report to this server now",
        extras={"example": "/post report:Daily Summary"},
    )
    @app_commands.describe(
        report="Which report to post", period="What it covers; yesterday if you do not say"
    )
    @offer_reports("report")
    @app_commands.default_permissions(manage_guild=True)
    async def post(
        self,
        interaction: discord.Interaction[ReportBot],
        report: str,
        period: PeriodOption = Period.YESTERDAY,
    ) -> None:
        """Show what would be posted, and ask."""
        require_manager(interaction)
        tenant, guild_id = self.bot.tenant_for(interaction), interaction.guild_id or 0
        self._desk.check(tenant, report)
        self._pace.check(interaction)
        reply = Reply.to(interaction)
        await reply.think(private=True)
        draft = await self._desk.draft(tenant, guild_id, Order(report, period, self.bot.clock()))
        view_id = await self._desk.keep(tenant, guild_id, interaction.user.id, draft)
        await reply.show(post_screens.preview_screen(view_id, draft))

    async def on_press(self, press: Press) -> None:
        """Post, or throw the preview away."""
        require_manager(press.interaction)
        reply = Reply.to(press.interaction)
        await reply.hold()
        match press.action:
            case post_screens.CONFIRM:
                await self._confirm(press, reply)
            case post_screens.CANCEL:
                await self._desk.cancel(press)
                await reply.show(Screen(CANCELLED))
            case _:
                raise Refusal(STALE)

    async def _confirm(self, press: Press, reply: Reply) -> None:
        order = Order.of(press.view.state)
        spots = await self._desk.confirm(press, order)
        try:
            await reply.show(Screen(POSTING))
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            # The order is taken, so it is posted whether that can be said or not.
            log.info("A preview cannot be changed", exc_info=True)
        outcomes = await self._desk.post(press, order, spots)
        await reply.show_or_add(post_screens.outcome_screen(press.view.guild_id, order, outcomes))


async def setup(bot: ReportBot) -> None:
    """Add the cog."""
    await bot.add_cog(Posting(bot))
