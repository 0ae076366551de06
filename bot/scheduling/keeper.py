"""Keeps the night watch going on an event loop that has other work, too."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.scheduling.failures import log_failure
from bot.scheduling.pulse import Pulse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.scheduling.watch import NightWatch

_RETRY = "retry"
_LEAST_WAIT = timedelta(seconds=1)


async def _nothing() -> None:
    """Nobody wants to know."""


class NightKeeper:
    """Runs the night watch; nothing that goes wrong there gets out.

    What failed is tried again by APScheduler when its back-off is over.

    Parameters
    ----------
    watch
        What posts.
    clock
        Real time.
    afterwards
        Called after each run, to tell of what went wrong for good.

    Attributes
    ----------
    pulse
        When a sweep was last done.
    """

    def __init__(
        self,
        watch: NightWatch,
        *,
        clock: Callable[[], datetime],
        afterwards: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._watch = watch
        self._clock = clock
        self._afterwards = afterwards
        self._running: set[asyncio.Task[None]] = set()
        self._leaving = False
        self.scheduler = AsyncIOScheduler(timezone=UTC)
        self.pulse = Pulse()

    def start(self) -> None:
        """Begin to try again what fails; needs a running loop."""
        self.scheduler.start()

    async def run(self, report: str) -> None:
        """Post a report of yesterday for every tenant."""
        await self._unharmed(f"nightly {report}", self._watch.run(report))

    async def sweep(self) -> None:
        """Post what is due and was not, and go on with what was left."""
        with self.pulse.beat():
            await self._unharmed("sweep", self._watch.sweep())

    async def stop(self, grace: float) -> None:
        """Begin nothing new and wait for what runs.

        Parameters
        ----------
        grace
            The longest wait in seconds; what is not done then stays in the
            ledger.
        """
        self._leaving = True
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _unharmed(self, what: str, work: Coroutine[Any, Any, object]) -> None:
        """Do the work in a task of its own, which the end of a loop does not cut off."""
        if self._leaving:
            work.close()
            return
        task = asyncio.create_task(self._survive(what, work), name=what)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    async def _survive(self, what: str, work: Coroutine[Any, Any, object]) -> None:
        told = ""
        for step in (lambda: work, self._afterwards, self._plan_retry):
            try:
                await step()
            except Exception as error:  # noqa: BLE001  # it is logged, unless it just was
                if str(error) != told:
                    log_failure(what, error)
                told = str(error)

    async def _plan_retry(self) -> None:
        due = await self._watch.next_attempt()
        if due is not None and self.scheduler.running:
            self.scheduler.add_job(
                self.sweep,
                "date",
                run_date=max(due, self._clock() + _LEAST_WAIT),
                id=_RETRY,
                name="try again what has failed",
                replace_existing=True,
                misfire_grace_time=None,
            )
