"""Time that nobody sets: what has to go on while the wall clock is moved.

discord.ext.tasks and APScheduler reckon the next time on the wall clock and
sleep until then. Set the clock back by an hour meanwhile, and they sleep for an
hour; set it forward, and they do not see it before they wake up.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.scheduling.failures import log_failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

_NOTICEABLE = timedelta(seconds=2)


class Ticker:
    """Does something at once, and again and again, on the event loop's own clock.

    Whatever goes wrong in it is logged, and it is done again next time.

    Parameters
    ----------
    work
        What is done.
    seconds
        From one beginning to the next; work that takes longer delays it.
    name
        What the log calls it.
    """

    def __init__(self, work: Callable[[], Awaitable[object]], seconds: float, *, name: str) -> None:
        self._work = work
        self.seconds = seconds
        self._name = name
        self._task: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Do it now, out of turn."""
        await self._work()

    def is_running(self) -> bool:
        """Whether it goes on."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin; needs a running loop."""
        if not self.is_running():
            self._task = asyncio.create_task(self._go_on(), name=self._name)

    def cancel(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await self._survive()
            await asyncio.sleep(max(0.0, begun + self.seconds - loop.time()))

    async def _survive(self) -> None:
        try:
            await self._work()
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is None or me.cancelling():
                raise
            # Only what it waited for was cancelled.
        except Exception as error:  # noqa: BLE001  # it has to live; logged
            log_failure(f"The {self._name}", error)


class Jumps:
    """Notices that the wall clock was set, or stood still with a machine that slept.

    Parameters
    ----------
    wall
        The clock that somebody may set.
    monotonic
        Seconds on a clock that nobody sets.
    """

    def __init__(
        self, wall: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._last = wall(), monotonic()

    def noticed(self) -> timedelta | None:
        """Return by how much it was moved since this was last asked; None if it was not."""
        wall, monotonic = self._wall(), self._monotonic()
        moved = wall - self._last[0] - timedelta(seconds=monotonic - self._last[1])
        if abs(moved) < _NOTICEABLE:
            return None
        self._last = wall, monotonic
        return moved


def tell_jump(moved: timedelta) -> str:
    """Return what became of a clock, as the end of a sentence."""
    by = timedelta(seconds=round(abs(moved).total_seconds()))
    if moved < timedelta():
        return f"was set back by {by}"
    return f"was set forward by {by}, or the machine slept"
