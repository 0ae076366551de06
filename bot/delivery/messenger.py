"""Brings one letter to another service, through Apprise, in a worker thread."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from bot.delivery.outcomes import InDoubt, Lost, NotSent, Rejected, Sent
from bot.delivery.verdicts import of_error, verdict
from bot.services import ServiceError, is_mail, listening, open_plugin
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from concurrent.futures import Future

    from bot.delivery.outcomes import Outcome
    from bot.tenants import Channel

_AT_ONCE = 8
_MAILS_AT_ONCE = 32
"""More, for one may take minutes; and apart, so that no other service waits for them."""
_SHARE = 0.8
"""What of the time limit one wait for the network may take."""


class _Desk:
    """Threads that send, and who is free."""

    def __init__(self, threads: int, name: str) -> None:
        self.pool = WorkerPool(threads, name)
        self.free = asyncio.Semaphore(threads)


class Messenger:
    """Sends letters, one at a time for each channel.

    Parameters
    ----------
    gap
        Seconds between two letters to one channel.
    """

    def __init__(self, *, gap: float = 1.0) -> None:
        self._gap = gap
        self._desk = _Desk(_AT_ONCE, "channel")
        self._mail_desk = _Desk(_MAILS_AT_ONCE, "mail")
        self._lanes: dict[str, asyncio.Lock] = {}
        self._last: dict[str, float] = {}

    def close(self) -> None:
        """Take no more letters; one that is on its way is left to itself."""
        for desk in (self._desk, self._mail_desk):
            desk.pool.shutdown(wait=False, cancel_futures=True)

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
            Seconds to wait for earlier letters; for all but mail it is at
            least ``timeout``.
        before_write
            Called at the last moment; nothing is sent if it returns False.
        """
        lane = self._lanes.setdefault(channel.key, asyncio.Lock())
        is_slow = is_mail(channel.scheme)
        desk = self._mail_desk if is_slow else self._desk
        try:
            async with asyncio.timeout(max_wait if is_slow else max(max_wait, timeout)):
                await lane.acquire()
        except TimeoutError:
            return NotSent("an earlier message to this channel has not come to an end")
        sending: Future[Outcome] | None = None
        try:
            async with desk.free:
                await self._pause(channel)
                if not await before_write():
                    return Lost()
                sending = desk.pool.submit(deliver, channel.url, letter, timeout)
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
    if done:
        return waiting.result()
    if sending.cancel():
        return NotSent("earlier messages have not come to an end")
    return InDoubt(f"no answer within {seconds:.0f} s")


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
