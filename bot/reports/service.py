"""Reports for many askers at once: worker threads, and one run for equal questions."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.backend.errors import QueryTimeout
from bot.observing import SILENT
from bot.periods import window_for
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.moments import parse_moment
from bot.reports.newest import newest_event
from bot.reports.running import resolve_window, run
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from bot.backend.engines import Databases
    from bot.observing import Observer
    from bot.periods import Period, Window
    from bot.reports.results import Result
    from bot.tenants import Tenant

logger = logging.getLogger(__name__)


class ReportService:
    """Computes reports for a running bot.

    Equal questions that are asked while one is being answered share its run:
    the answer if it succeeds, the error if it fails. Nothing is kept longer.

    Parameters
    ----------
    databases
        Where tenants' databases are got from.
    max_workers
        The most reports computed at a time.
    observer
        Hears how long each took.
    """

    def __init__(
        self, databases: Databases, *, max_workers: int = 4, observer: Observer = SILENT
    ) -> None:
        self._databases = databases
        self._observer = observer
        self._pool = WorkerPool(max_workers, "report")
        self._running: dict[Hashable, asyncio.Task[Result]] = {}

    async def get(
        self,
        tenant: Tenant,
        report: str,
        period: Period,
        now: datetime,
        *,
        filters: Filters = NO_FILTERS,
        top: int | None = 5,
    ) -> Result:
        """Return a report of a tenant; see `bot.reports.run`.

        Whoever stops waiting does not stop the run for the others.
        """
        asked_for = now if period.is_tick else window_for(period, now)
        database = self._databases.get(tenant)
        key = (database, tenant.faction_name, report, period, asked_for, filters, top)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(
                self._run(tenant, report, period, now, filters, top), name=f"{tenant.id}:{report}"
            )
            self._running[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def window(self, tenant: Tenant, period: Period, now: datetime) -> Window:
        """Return the window of a period in a tenant's database."""
        if not period.is_tick:
            return window_for(period, now)
        loop = asyncio.get_running_loop()
        database = self._databases.get(tenant)
        return await loop.run_in_executor(self._pool, resolve_window, database, period, now)

    async def newest_event(self, tenant: Tenant) -> datetime | None:
        """Return when a tenant's newest event happened, in UTC.

        None where there is no event, or the newest one's timestamp is no time.
        """
        loop = asyncio.get_running_loop()
        database = self._databases.get(tenant)
        newest = await loop.run_in_executor(self._pool, newest_event, database)
        return None if newest is None else parse_moment(newest)

    def close(self) -> None:
        """Take no more questions; what is being computed is left to end by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(
        self,
        tenant: Tenant,
        report: str,
        period: Period,
        now: datetime,
        filters: Filters,
        top: int | None,
    ) -> Result:
        database = self._databases.get(tenant)
        loop = asyncio.get_running_loop()

        def compute() -> Result:
            begun, outcome = time.monotonic(), "failed"
            try:
                result = run(
                    database,
                    report,
                    period,
                    now,
                    faction_name=tenant.faction_name,
                    filters=filters,
                    top=top,
                )
                outcome = "ok"
            except QueryTimeout:
                outcome = "timeout"
                raise
            finally:
                took = time.monotonic() - begun
                self._observer.query_done(report, database.known_dialect, outcome, took)
            return result

        return await loop.run_in_executor(self._pool, compute)

    def _forget(self, key: Hashable, done: asyncio.Task[Result]) -> None:
        del self._running[key]
        if not done.cancelled() and done.exception() is not None:
            logger.debug("A report failed: %s", done.get_name())
