"""Brings one letter to another service, through Apprise, in a worker thread."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from bot.delivery.outcomes import InDoubt, Lost, NotSent, Rejected, Sent
from bot.delivery.verdicts import of_error, verdict
from bot.services import ServiceError, listening, open_plugin
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from concurrent.futures import Future

    from bot.delivery.outcomes import Outcome
    from bot.tenants import Channel

_AT_ONCE = 8
_SHARE = 0.8
"""What of the time limit one wait for the network may take."""


class Messenger:
    """Sends letters, one at a time for each channel.

    Parameters
    ----------
    gap
        Seconds between two letters to one channel.
    """

    def __init__(self, *, gap: float = 1.0) -> None:
        self._gap = gap
        self._pool = WorkerPool(_AT_ONCE, "channel")
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._lanes: dict[str, asyncio.Lock] = {}
        self._last: dict[str, float] = {}

    def close(self) -> None:
        """Take no more letters; one that is on its way is left to itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def send(
        self,
        channel: Channel,
        letter: Mapping[str, Any],
        *,
        timeout: float,  # noqa: ASYNC109  # also bounds the thread's own waits
        max_wait: float,
        before_write: Callable[[], Awaitable[bool]],
    ) -> Outcome:
        """Send a letter once and say what became of it.

        Parameters
        ----------
        letter
            Title, body and format.
        timeout
            Seconds for the sending itself. The thread cannot be cut off; while
            it lasts, nothing else goes to this channel.
        max_wait
            Seconds to wait for earlier letters.
        before_write
            Called at the last moment; nothing is sent if it returns False.
        """
        lane = self._lanes.setdefault(channel.key, asyncio.Lock())
        try:
            async with asyncio.timeout(max(max_wait, timeout)):
                await lane.acquire()
        except TimeoutError:
            return NotSent("an earlier message to this channel has not come to an end")
        sending: Future[Outcome] | None = None
        try:
            async with self._free:
                await self._pause(channel)
                if not await before_write():
                    return Lost()
                sending = self._pool.submit(deliver, channel.url, letter, timeout)
                return await _result(sending, timeout)
        finally:
            self._last[channel.key] = time.monotonic()
            _release(lane, sending)

    async def _pause(self, channel: Channel) -> None:
        last = self._last.get(channel.key)
        if last is not None:
            await asyncio.sleep(max(0.0, last + self._gap - time.monotonic()))


async def _result(sending: Future[Outcome], seconds: float) -> Outcome:
    waiting = asyncio.wrap_future(sending)
    done, _ = await asyncio.wait({waiting}, timeout=seconds)
    return waiting.result() if done else InDoubt(f"no answer within {seconds:.0f} s")


def _release(lane: asyncio.Lock, sending: Future[Outcome] | None) -> None:
    """Let the next letter go once the thread has ended."""
    if sending is None or sending.done():
        lane.release()
        return
    loop = asyncio.get_running_loop()

    def ended(_: Future[Outcome]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be gone by then
            loop.call_soon_threadsafe(lane.release)

    sending.add_done_callback(ended)


def deliver(url: str, letter: Mapping[str, Any], seconds: float) -> Outcome:
    """Hand a letter to Apprise, in this thread, and return what became of it."""
    try:
        plugin = open_plugin(url)
    except ServiceError as error:
        return Rejected(0, None, str(error))
    wait = seconds * _SHARE
    plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, wait)
    plugin.socket_read_timeout = wait
    with listening() as heard:
        try:
            if plugin.notify(
                title=letter["title"],
                body=letter["body"],
                body_format=_format(letter["format"]),
                notify_type="info",
                overflow="upstream",
            ):
                return Sent(None)
        except Exception as error:  # noqa: BLE001  # a plugin's own fault, of whatever kind
            return of_error(error)
        return verdict(heard, len(plugin))


def _format(name: str) -> Any:
    from apprise import NotifyFormat

    return NotifyFormat(name)
