"""When the next request may go out. Knows nothing of HTTP.

What the limits are is learnt from answers. Until then the start is cautious:
one request at a time for each key, and few at a time in all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.delivery.outcomes import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_AT_ONCE = 8


@dataclass(slots=True)
class Pause:
    """A time until which nothing goes out; it is only ever lengthened."""

    until: float = float("-inf")

    def extend(self, until: float) -> None:
        """Last at least until ``until``."""
        self.until = max(self.until, until)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a request may not go out yet.

    Attributes
    ----------
    seconds
        How long it has to wait.
    scope
        Whose limit it is.
    """

    seconds: float
    scope: Scope


@dataclass(slots=True)
class _Queue:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    pause: Pause = field(default_factory=Pause)
    channel: str | None = None


class RateLimits:
    """The limits of one address, for one event loop.

    A key is whatever has an order and a limit of its own: a webhook, say.

    Parameters
    ----------
    clock
        Monotonic seconds.
    sleep
        Waits for seconds of that clock.
    at_once
        The most requests under way at a time.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._slots = asyncio.Semaphore(at_once)
        self._queues: dict[str, _Queue] = {}
        self._channels: dict[str, Pause] = {}
        self._everywhere = {Scope.GLOBAL: Pause(), Scope.ADDRESS: Pause()}

    @contextlib.asynccontextmanager
    async def admit(self, key: str, max_wait: float) -> AsyncIterator[Hold | None]:
        """Wait for the turn of ``key`` and for its limits.

        Callers of one key enter one at a time, in the order of their calls.
        Yields None when a request may go out now, and a `Hold` instead of
        waiting for longer than ``max_wait`` seconds.

        Parameters
        ----------
        max_wait
            Seconds from this call on, the wait for earlier callers included.
        """
        deadline = self._clock() + max_wait
        hold = self.hold(key)
        if hold is not None and hold.seconds > max_wait:
            yield hold
            return
        async with self._queue(key).turn:
            while True:
                hold = await self._cleared(key, deadline)
                if hold is not None:
                    yield hold
                    return
                async with self._slots:
                    if self.hold(key) is None:
                        yield None
                        return

    async def _cleared(self, key: str, deadline: float) -> Hold | None:
        while (hold := self.hold(key)) is not None:
            if self._clock() + hold.seconds > deadline:
                return hold
            await self._sleep(hold.seconds)
        return None

    def hold(self, key: str) -> Hold | None:
        """Return what keeps ``key`` from going out now, the longest if several."""
        now = self._clock()
        pauses = dict(self._everywhere)
        queue = self._queues.get(key)
        if queue is not None:
            pauses[Scope.WEBHOOK] = queue.pause
            if queue.channel is not None and queue.channel in self._channels:
                pauses[Scope.CHANNEL] = self._channels[queue.channel]
        scope, pause = max(pauses.items(), key=lambda entry: entry[1].until)
        return Hold(pause.until - now, scope) if pause.until > now else None

    def learn_channel(self, key: str, channel: str) -> None:
        """Remember the channel of a key: keys of one channel share a limit."""
        self._queue(key).channel = channel

    def pause(self, key: str, scope: Scope, seconds: float) -> None:
        """Let nothing out for ``seconds``.

        Parameters
        ----------
        key
            The key whose request brought the news.
        scope
            What has to wait: this key, all keys known to be in its channel,
            or everything.
        """
        until = self._clock() + seconds
        queue = self._queue(key)
        if scope in self._everywhere:
            self._everywhere[scope].extend(until)
        elif scope is Scope.CHANNEL and queue.channel is not None:
            self._channels.setdefault(queue.channel, Pause()).extend(until)
        else:
            queue.pause.extend(until)

    def _queue(self, key: str) -> _Queue:
        return self._queues.setdefault(key, _Queue())
