"""Something that is asked off the event loop, seldom, and never waited for long."""

from __future__ import annotations

import asyncio
import time
from math import inf
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

T = TypeVar("T")


class Sample(Generic[T]):
    """The latest answer to a question that blocks.

    However many want to know, it is asked once at a time.

    Parameters
    ----------
    ask
        The question; runs in a worker thread.
    pool
        Where.
    keep
        Seconds before it is asked again.
    rest
        How many times as long as it took to ask it is left alone at least.
    monotonic
        Seconds on a clock that nobody sets.

    Attributes
    ----------
    last
        The latest answer; None before the first.
    failed
        Whether the latest asking failed.
    """

    def __init__(
        self,
        ask: Callable[[], T],
        pool: Executor,
        *,
        keep: float,
        rest: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._question = ask
        self._pool = pool
        self._keep = keep
        self._rest = rest
        self._monotonic = monotonic
        self._asking: asyncio.Future[T] | None = None
        self._begun = self._ended = -inf
        self.last: T | None = None
        self.failed = False

    @property
    def answered(self) -> bool:
        """Whether any asking has ended, be it in failure."""
        return self._ended > -inf

    @property
    def asking(self) -> set[asyncio.Future[T]]:
        """The question that is being asked, if any."""
        return set() if self._asking is None or self._asking.done() else {self._asking}

    def ask(self) -> asyncio.Future[T]:
        """Begin to ask unless it is being asked, or was a moment ago."""
        asking, now = self._asking, self._monotonic()
        if asking is None or (asking.done() and now - self._ended >= self._pause):
            asking = asyncio.wrap_future(self._pool.submit(self._question))
            self._asking, self._begun = asking, now
            asking.add_done_callback(self._note)
        return asking

    @property
    def _pause(self) -> float:
        return max(self._keep, self._rest * (self._ended - self._begun))

    async def fresh(self, wait: float) -> T:
        """Return an answer that is hardly old.

        Parameters
        ----------
        wait
            The longest time in seconds since it was asked.

        Raises
        ------
        TimeoutError
            If there is no answer by then.
        Exception
            What the question itself raises.
        """
        asking = self.ask()
        left = max(0.0, self._begun + wait - self._monotonic())
        done, _ = await asyncio.wait({asking}, timeout=left)
        if not done:
            raise TimeoutError
        return asking.result()

    def _note(self, asked: asyncio.Future[T]) -> None:
        self._ended = self._monotonic()
        self.failed = asked.cancelled() or asked.exception() is not None
        if not self.failed:
            self.last = asked.result()
