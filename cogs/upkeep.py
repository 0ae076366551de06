"""Keeps the bot in step with the tenant file, other processes and its own memory."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from discord.ext import commands

from bot.errors import BotError
from bot.scheduling.steady import Ticker
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import ReportBot

log = logging.getLogger(__name__)

T = TypeVar("T")

WATCH_SECONDS = 5.0
LOAD_SECONDS = 60.0
SWEEP_SECONDS = 3600.0


class Upkeep(commands.Cog):
    """Follows what changes beside the bot.

    Each loop does one thing and outlives whatever goes wrong with it: it is
    logged, and tried again next time. A guild that the bot has left keeps its
    link, for the bot may be invited back.

    Attributes
    ----------
    tickers
        What is done again and again.
    """

    def __init__(self, bot: ReportBot) -> None:
        self.bot = bot
        # One thread of its own: a file server that hangs must not keep commands waiting.
        self._thread = WorkerPool(1, "upkeep")
        self._followed = -1
        self.tickers = (
            Ticker(self.watch, WATCH_SECONDS, name="watch over the tenant file"),
            Ticker(self.load_links, LOAD_SECONDS, name="reading of the links"),
            Ticker(self.sweep_views, SWEEP_SECONDS, name="sweep of old buttons"),
        )

    async def cog_load(self) -> None:
        """Start the loops."""
        for ticker in self.tickers:
            ticker.start()

    async def cog_unload(self) -> None:
        """Stop the loops."""
        for ticker in self.tickers:
            ticker.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def watch(self) -> None:
        """Read the tenant file again if it was changed, and follow it."""
        if await self._unharmed("watching the tenant file", self._follow):
            self.bot.suggestions.forget()

    async def load_links(self) -> None:
        """Read the links, which another process may have changed."""
        await self._unharmed("reading the links", self.bot.directory.load)

    async def sweep_views(self) -> None:
        """Forget the buttons that have expired."""
        await self._unharmed("sweeping old buttons", self.bot.runtime.guilds.sweep_views)

    def _follow(self) -> bool:
        """Follow the file, and return whether it was read again."""
        registry = self.bot.registry
        registry.refresh()
        # Whoever else refreshes the registry is followed, too.
        version = registry.version
        if version == self._followed:
            return False
        self.bot.runtime.databases.keep_only(registry.all)
        self.bot.directory.reconcile()
        if self._followed >= 0:
            log.info("The tenant file was read again: %s tenants are in use", len(registry.tenants))
        self._followed = version
        return True

    async def _unharmed(self, what: str, work: Callable[[], T]) -> T | None:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except BotError as error:  # one line is enough of what we have words for
            log.error("%s failed and is tried again later: %s", what.capitalize(), error)
        except Exception:
            log.exception("%s failed and is tried again later", what.capitalize())
        return None


async def setup(bot: ReportBot) -> None:
    """Add the cog."""
    await bot.add_cog(Upkeep(bot))
