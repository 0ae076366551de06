"""Reports for many askers at once: worker threads, and one run for equal questions."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, TypeVar

from bot.backend.errors import QueryTimeout
from bot.catalogue import OWN_KEYS
from bot.errors import BotError
from bot.observing import SILENT
from bot.periods import window_for
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.moments import parse_moment
from bot.reports.newest import newest_event
from bot.reports.running import resolve_window, run
from bot.threads import WorkerPool
from bot.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from concurrent.futures import Future
    from datetime import datetime

    from bot.backend.engines import Databases, TenantDatabase
    from bot.observing import Observer
    from bot.periods import Period, Window
    from bot.reports.results import Result
    from bot.tenants import Tenant

T = TypeVar("T")

logger = logging.getLogger(__name__)

_OF_ONE_TENANT = 2
_MOST_THREADS = 64
"""So many databases may be silent before the others wait for them."""

_LATE_AT_MOST = 2
"""How many runs of one added report may be out of bounds before nobody gets another."""


class ReportTooSlowError(BotError):
    """An added report is at work for too long.

    Attributes
    ----------
    seconds
        For how long it is waited for.
    """

    def __init__(self, report: str, seconds: float) -> None:
        self.report = report
        self.seconds = seconds
        super().__init__(
            f"the report {report} takes longer than {seconds:g} s; whoever wrote it must make it"
            " faster, and it is left alone until it is done"
        )


class ReportService:
    """Computes reports for a running bot.

    Equal questions that are asked while one is being answered share its run:
    the answer if it succeeds, the error if it fails. Nothing is kept longer.

    A database that does not answer holds up its own tenant's reports only.

    Reports that packages add have threads of their own: whatever one of them
    does, the bot's own go on.

    Parameters
    ----------
    databases
        Where tenants' databases are got from.
    max_workers
        The most reports computed at a time, own and added ones each; of the
        own ones, those that take long are not counted.
    patience
        Seconds that an added report may take. A thread cannot be stopped, so a
        tenant gets one that took longer again only when that run has ended.
    observer
        Hears how long each took.
    """

    def __init__(
        self,
        databases: Databases,
        *,
        max_workers: int = 4,
        patience: float = 60.0,
        observer: Observer = SILENT,
    ) -> None:
        self._databases = databases
        self._observer = observer
        self._patience = patience
        self._pool = WorkerPool(max(max_workers, _MOST_THREADS), "report")
        self._turns = Turns(max_workers, of_one=_OF_ONE_TENANT)
        self._added_pool = WorkerPool(max_workers, "added-report")
        self._is_closed = False
        self._late: set[tuple[str, str]] = set()
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
        database = self._databases.get(tenant)
        return await self._in_turn(tenant, lambda: resolve_window(database, period, now))

    async def newest_event(self, tenant: Tenant, now: datetime) -> datetime | None:
        """Return when a tenant's newest event happened, in UTC.

        None where there is no event whose timestamp is a time and past.
        """
        database = self._databases.get(tenant)
        newest = await self._in_turn(tenant, lambda: newest_event(database, now))
        return None if newest is None else parse_moment(newest)

    def close(self) -> None:
        """Take no more questions; what is being computed is left to end by itself."""
        self._is_closed = True
        for pool in (self._pool, self._added_pool):
            pool.shutdown(wait=False, cancel_futures=True)

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
        watch = _Stopwatch(self._observer, report, database)

        def compute() -> Result:
            with watch:
                return run(
                    database,
                    report,
                    period,
                    now,
                    faction_name=tenant.faction_name,
                    filters=filters,
                    top=top,
                    tenant=tenant.id,
                )

        if report in OWN_KEYS:
            return await self._in_turn(tenant, compute)
        return await self._in_time((tenant.id, report), compute, watch)

    async def _in_turn(self, tenant: Tenant, compute: Callable[[], T]) -> T:
        async with self._turns.turn(tenant.id):
            if self._is_closed:
                raise asyncio.CancelledError
            return await asyncio.wrap_future(self._pool.submit(compute))

    async def _in_time(
        self, key: tuple[str, str], compute: Callable[[], Result], watch: _Stopwatch
    ) -> Result:
        """Wait for an added report, within bounds.

        Raises
        ------
        ReportTooSlowError
            If it takes too long, or an earlier run of it still does.
        """
        report = key[1]
        late = [each for each in self._late if each[1] == report]
        if key in late or len(late) >= _LATE_AT_MOST:
            raise ReportTooSlowError(report, self._patience)
        job = self._added_pool.submit(compute)
        answer = asyncio.wrap_future(job)
        done, _ = await asyncio.wait({answer}, timeout=self._patience)
        if done:
            return await answer
        watch.tell("timeout")
        if not job.cancel():
            logger.error("%s: the report %s does not come to an end", *key)
            self._late.add(key)
            job.add_done_callback(lambda done: self._came_to_an_end(key, done))
            answer.add_done_callback(_ignore)
        raise ReportTooSlowError(report, self._patience)

    def _came_to_an_end(self, key: tuple[str, str], _job: Future[Result]) -> None:
        self._late.discard(key)

    def _forget(self, key: Hashable, done: asyncio.Task[Result]) -> None:
        del self._running[key]
        if not done.cancelled() and done.exception() is not None:
            logger.debug("A report failed: %s", done.get_name())


def _ignore(answer: asyncio.Future[Result]) -> None:
    """Nobody waits for it any more; asyncio would complain that nobody looked."""
    if not answer.cancelled():
        answer.exception()


class _Stopwatch:
    """Tells once how long a run took, and how it ended."""

    def __init__(self, observer: Observer, report: str, database: TenantDatabase) -> None:
        self._observer = observer
        self._report = report
        self._database = database
        self._begun: float | None = None
        self._is_told = False

    def __enter__(self) -> None:
        self._begun = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.tell("ok")
        else:
            self.tell("timeout" if issubclass(kind, QueryTimeout) else "failed")

    def tell(self, outcome: str) -> None:
        if not self._is_told and self._begun is not None:
            self._is_told = True
            took = time.monotonic() - self._begun
            self._observer.query_done(self._report, self._database.known_dialect, outcome, took)
