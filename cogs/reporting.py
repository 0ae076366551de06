"""The nightly posts, and the reports as commands."""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
from typing import TYPE_CHECKING, Any

from discord import app_commands
from discord.ext import commands, tasks

from bot.periods import Period
from bot.reports.filters import Filters
from bot.scheduling.nights import NIGHTLIES, nightlies
from bot.scheduling.steady import Jumps, Ticker, tell_jump
from bot.ui.options import NameOption, PeriodOption  # noqa: TC001  # discord.py evaluates them
from bot.ui.question import Question
from bot.ui.report_choice import offer_reports
from bot.ui.report_desk import KIND, ReportDesk
from bot.ui.suggesting import Suggester

if TYPE_CHECKING:
    import discord

    from bot.client import ReportBot

    Asking = discord.Interaction[ReportBot]
    Choices = list[app_commands.Choice[str]]

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
PERIOD = "Which days, or which tick"
SYSTEM = "Only this star system"
SETTLEMENT = "Only this settlement"
CMDR = "Only this CMDR"
PRIVATE = "Show it to you only"

_NOTICEABLE = datetime.timedelta(seconds=1)


def _shifted(at: datetime.time, ahead: datetime.timedelta) -> datetime.time:
    """Return what the real clock shows when the report's clock shows ``at``."""
    some_day = datetime.datetime(2000, 1, 2, at.hour, at.minute, tzinfo=at.tzinfo)
    return (some_day - ahead).timetz()


def _at(report: str) -> datetime.time:
    (minute,) = (each.minute for each in nightlies() if each.report == report)
    return datetime.time(minute // 60, minute % 60, tzinfo=datetime.UTC)


class Reporting(commands.Cog):
    """Posts the reports every night, and on command.

    The loops are the punctual path. The sweep posts what they could not, be it
    that the clock was moved, the machine slept or a loop was lost; it goes by a
    clock that nobody sets.
    """

    def __init__(self, bot: ReportBot, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self.bot = bot
        self.sweep = Ticker(self._sweep, sweep_seconds, name="sweep")
        self._jumps = Jumps(bot.real)
        self.desk = ReportDesk(bot, time.monotonic)
        self.suggester = Suggester(bot, time.monotonic)
        added = nightlies()[len(NIGHTLIES) :]
        self._nightly: tuple[tasks.Loop[Any], ...] = (
            *(self.daily, self.spacecz, self.groundcz),
            *(self._loop_of(nightly.report) for nightly in added),
        )

    async def cog_load(self) -> None:
        """Start the loops and serve the buttons."""
        ahead = self.bot.clock() - self.bot.real()
        for loop in self._nightly:
            if abs(ahead) >= _NOTICEABLE:
                loop.change_interval(time=_shifted(_at(loop.coro.__name__), ahead))
            loop.start()
        self.sweep.start()
        self.bot.router.serve(KIND, self.desk.serve)

    async def cog_unload(self) -> None:
        """Stop the loops; a post that is under way goes on."""
        self.sweep.cancel()
        for loop in self._nightly:
            loop.cancel()
        self.bot.router.forget(KIND)

    @tasks.loop(time=_at("daily"))
    async def daily(self) -> None:
        """Post the daily summary."""
        await self.bot.keeper.run("daily")

    @tasks.loop(time=_at("spacecz"))
    async def spacecz(self) -> None:
        """Post the space CZ summary."""
        await self.bot.keeper.run("spacecz")

    @tasks.loop(time=_at("groundcz"))
    async def groundcz(self) -> None:
        """Post the ground CZ summary."""
        await self.bot.keeper.run("groundcz")

    def _loop_of(self, report: str) -> tasks.Loop[Any]:
        """Return the loop that posts an added report."""

        async def post() -> None:
            await self.bot.keeper.run(report)

        post.__name__ = report
        return tasks.loop(time=_at(report))(post)

    async def _sweep(self) -> None:
        """Post what is due and was not; bring back a loop that was lost."""
        moved = self._jumps.noticed()
        if moved is not None:
            log.warning("The clock %s", tell_jump(moved), extra={"action": "clock_set"})
            await self._begin_anew()
        for loop in self._nightly:
            if not loop.is_running():
                log.error("The loop %s had ended and is started again", loop.coro.__name__)
                loop.start()
        await self.bot.keeper.sweep()

    async def _begin_anew(self) -> None:
        """Let the loops reckon again for how long to sleep; a post under way goes on."""
        for loop in self._nightly:
            task = loop.get_task()
            loop.cancel()
            if task is not None:
                await asyncio.wait({task})
            if not loop.is_running():
                loop.start()

    @app_commands.command(
        name="summary",
        description="Your squadron's top CMDRs: trade, missions, influence, bounties and more",
        extras={"report": "daily", "example": "/summary period:Last week"},
    )
    @app_commands.describe(period="Which days; yesterday if you leave it out", private=PRIVATE)
    async def summary(
        self,
        interaction: Asking,
        period: PeriodOption = Period.YESTERDAY,
        private: bool = False,
    ) -> None:
        """Answer /summary."""
        await self.desk.answer(interaction, Question("daily", period), private=private)

    @app_commands.command(
        name="spacecz",
        description="Space conflict zones by system and CMDR",
        extras={"report": "spacecz", "example": "/spacecz period:This week system:Sol"},
    )
    @app_commands.describe(period=PERIOD, system=SYSTEM, cmdr=CMDR, private=PRIVATE)
    async def space(
        self,
        interaction: Asking,
        period: PeriodOption,
        system: NameOption | None = None,
        cmdr: NameOption | None = None,
        private: bool = False,
    ) -> None:
        """Answer /spacecz."""
        filters = Filters(systems=_named(system), cmdrs=_named(cmdr))
        await self.desk.answer(interaction, Question("spacecz", period, filters), private=private)

    @app_commands.command(
        name="groundcz",
        description="Ground conflict zones by system, settlement and CMDR",
        extras={"report": "groundcz", "example": "/groundcz period:Last tick cmdr:Ada"},
    )
    @app_commands.describe(
        period=PERIOD, system=SYSTEM, settlement=SETTLEMENT, cmdr=CMDR, private=PRIVATE
    )
    async def ground(
        self,
        interaction: Asking,
        period: PeriodOption,
        system: NameOption | None = None,
        settlement: NameOption | None = None,
        cmdr: NameOption | None = None,
        private: bool = False,
    ) -> None:
        """Answer /groundcz."""
        filters = Filters(
            systems=_named(system), settlements=_named(settlement), cmdrs=_named(cmdr)
        )
        await self.desk.answer(interaction, Question("groundcz", period, filters), private=private)

    @app_commands.command(
        name="report",
        description="Any report, also those added to the bot",
        extras={"example": "/report name:Daily Summary period:Last month"},
    )
    @app_commands.describe(
        name="Which report", period="Which days; yesterday if you leave it out", private=PRIVATE
    )
    @offer_reports("name")
    async def any_report(
        self,
        interaction: Asking,
        name: str,
        period: PeriodOption = Period.YESTERDAY,
        private: bool = False,
    ) -> None:
        """Answer /report."""
        await self.desk.answer(interaction, Question(name, period), private=private)

    @space.autocomplete("system")
    async def space_system(self, interaction: Asking, typed: str) -> Choices:
        """Suggest systems with space CZs."""
        return await self.suggester.suggest(interaction, "spacecz", "system", typed)

    @space.autocomplete("cmdr")
    async def space_cmdr(self, interaction: Asking, typed: str) -> Choices:
        """Suggest CMDRs of space CZs."""
        return await self.suggester.suggest(interaction, "spacecz", "cmdr", typed)

    @ground.autocomplete("system")
    async def ground_system(self, interaction: Asking, typed: str) -> Choices:
        """Suggest systems with ground CZs."""
        return await self.suggester.suggest(interaction, "groundcz", "system", typed)

    @ground.autocomplete("settlement")
    async def ground_settlement(self, interaction: Asking, typed: str) -> Choices:
        """Suggest settlements."""
        return await self.suggester.suggest(interaction, "groundcz", "settlement", typed)

    @ground.autocomplete("cmdr")
    async def ground_cmdr(self, interaction: Asking, typed: str) -> Choices:
        """Suggest CMDRs of ground CZs."""
        return await self.suggester.suggest(interaction, "groundcz", "cmdr", typed)


def _named(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


async def setup(bot: ReportBot) -> None:
    """Add the cog."""
    await bot.add_cog(Reporting(bot))
