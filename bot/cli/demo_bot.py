"""The real bot beside the demo's Discord, in one process."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bot.cli.clock import real_now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from datetime import datetime

    from bot.cli.session import Session
    from bot.client import ReportBot


class DemoBot:
    """A bot that runs until the block ends.

    Parameters
    ----------
    session
        Its settings and tenants.
    now
        What the bot takes for the present; the clock goes on from there.
    stopped
        Set when the visitor has seen enough.
    """

    _running: asyncio.Task[None]

    def __init__(self, session: Session, now: datetime, stopped: asyncio.Event) -> None:
        from bot.client import ReportBot, point_at

        settings = session.settings()
        point_at(settings)
        self._stopped = stopped
        shift = now - real_now()
        self.bot: ReportBot = ReportBot(
            settings, session.registry(), clock=lambda: real_now() + shift
        )
        token = settings.discord_token
        self._token = token.get_secret_value() if token else ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the bot; the block begins when it could post and answer.

        Raises
        ------
        BotError
            If it cannot run.
        """
        from bot.serving import serve

        stop, loaded = asyncio.Event(), asyncio.Event()
        self._running = asyncio.create_task(
            serve(self.bot, self._token, stop, ready=loaded.set), name="demo's bot"
        )
        try:
            await self.unless_it_ends(loaded.wait())
            yield
        finally:
            stop.set()
            await self._running

    async def unless_it_ends(self, wanted: Coroutine[Any, Any, object]) -> None:
        """Wait for something, but not for longer than the bot runs and the visitor stays."""
        waiting = [asyncio.create_task(each) for each in (wanted, self._stopped.wait())]
        try:
            await asyncio.wait({self._running, *waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    async def online(self) -> None:
        """Wait until the bot is there and its commands are known."""
        await self.unless_it_ends(self.bot.wait_until_ready())
        await self.unless_it_ends(self.bot.commands_told())
