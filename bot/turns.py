"""Turns at work that many want to do at once, some of them for very long."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable

PATIENCE_SECONDS = 2.0


class Turns:
    """Lets work begin a few at a time, and nobody wait for another's trouble.

    Work that has not ended after a while, since its database does not answer,
    no longer counts: the next may begin beside it. So that one tenant does not
    take all threads that way, only a few of its own are at work in any case.

    Parameters
    ----------
    at_once
        How many may be at work, those that are at it for long left aside.
    of_one
        How many of one tenant may be, however long they take.
    patience
        Seconds after which work no longer counts.
    """

    def __init__(self, at_once: int, *, of_one: int, patience: float = PATIENCE_SECONDS) -> None:
        self._gate = asyncio.Semaphore(at_once)
        self._of_one = of_one
        self._patience = patience
        self._own: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def turn(self, tenant: Hashable) -> AsyncIterator[None]:
        """Wait until a tenant's work may begin; it ends with the block."""
        own = self._own.setdefault(tenant, asyncio.Semaphore(self._of_one))
        async with own:
            await self._gate.acquire()
            place = _Place(self._gate)
            timer = asyncio.get_running_loop().call_later(self._patience, place.leave)
            try:
                yield
            finally:
                timer.cancel()
                place.leave()


class _Place:
    """A place that somebody has taken, to be left once."""

    def __init__(self, gate: asyncio.Semaphore) -> None:
        self._gate: asyncio.Semaphore | None = gate

    def leave(self) -> None:
        if self._gate is not None:
            self._gate.release()
            self._gate = None
