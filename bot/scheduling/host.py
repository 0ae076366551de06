"""An event loop in a thread of its own, for callers that have none.

The backend calls from request threads and from APScheduler's; all of them
share one runtime, which lives here.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, TypeVar

from bot.observing import SILENT
from bot.runtime import open_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.observing import Observer
    from bot.runtime import Runtime
    from bot.settings import Settings
    from bot.tenants import TenantRegistry

log = logging.getLogger(__name__)

T = TypeVar("T")


class Host:
    """Runs coroutines against one runtime, from any thread.

    Parameters
    ----------
    settings, registry
        What the runtime is made of.
    observer
        Hears how long queries and deliveries took.
    """

    def __init__(
        self, settings: Settings, registry: TenantRegistry, *, observer: Observer = SILENT
    ) -> None:
        self.settings = settings
        self.registry = registry
        self._observer = observer
        self._pid = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None
        self._opened: Future[Runtime] = Future()
        self._work: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="bgs-bot", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the loop runs, in this process (a fork does not inherit it)."""
        return self._pid == os.getpid() and self._thread.is_alive()

    def start(self) -> Runtime:
        """Start the thread and return the runtime when it is open.

        Raises
        ------
        BotError
            If the runtime cannot be opened.
        """
        self._thread.start()
        return self._opened.result()

    def submit(self, work: Callable[[Runtime], Coroutine[object, object, T]]) -> Future[T]:
        """Begin work on the loop and return the future of its result."""
        runtime = self._opened.result()
        if self._loop is None or not self.alive:
            raise RuntimeError("the host has stopped")
        future = asyncio.run_coroutine_threadsafe(work(runtime), self._loop)
        with self._lock:
            self._work.add(future)
        future.add_done_callback(self._forget)
        return future

    def call(self, work: Callable[[Runtime], Coroutine[object, object, T]]) -> T:
        """Run work on the loop and wait for its result."""
        return self.submit(work).result()

    def stop(self, grace: float = 10.0) -> None:
        """Begin nothing new, wait for what is being sent, and end the thread.

        Parameters
        ----------
        grace
            The longest wait, in seconds. What is not done then stays in the
            ledger.
        """
        if not self.alive or self._loop is None or self._leave is None:
            return
        runtime = self._opened.result()
        self._loop.call_soon_threadsafe(runtime.publisher.stop)
        with self._lock:
            work = set(self._work)
        wait(work, timeout=grace)
        for future in work:
            future.cancel()
        self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(timeout=5)

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._work.discard(future)

    def _serve(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            if self._opened.done():
                log.exception("The posting loop ended")
            else:
                self._opened.set_exception(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._leave = asyncio.Event()
        opened = open_runtime(self.settings, self.registry, observer=self._observer)
        async with opened as runtime:
            self._opened.set_result(runtime)
            await self._leave.wait()
