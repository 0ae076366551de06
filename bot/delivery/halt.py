"""The wish to stop, and waits that it ends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class Halt:
    """Tells everything that runs in one loop when nothing new is to be begun."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask for a stop."""
        self._asked.set()

    async def wait(self) -> None:
        """Wait until a stop is asked for."""
        await self._asked.wait()

    async def sleep(self, seconds: float) -> bool:
        """Sleep, and return whether a stop was asked for; it ends the sleep."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), seconds)
        return self.asked

    async def unless_asked(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Wait for work that a stop cuts off; None if it did."""
        working = asyncio.create_task(work)
        stop = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
            return await working if working.done() else None
        finally:
            stop.cancel()
            working.cancel()
            await asyncio.gather(stop, working, return_exceptions=True)
