"""The night watch: posts what is due, and what an earlier run has left."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.delivery.ledger import DeliveryKey, PartState
from bot.delivery.occasions import NIGHTLY
from bot.periods import Period, iso_seconds, window_for
from bot.runtime import real_clock
from bot.scheduling.nights import due_posts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.delivery.ledger import Part
    from bot.delivery.postings import Posting
    from bot.runtime import Runtime
    from bot.tenants import Tenant

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class NightWatch:
    """Runs the nightly posts of all tenants.

    Parameters
    ----------
    runtime
        What it reports and posts with.
    clock
        The report's clock, aware, in UTC.
    """

    def __init__(self, runtime: Runtime, clock: Callable[[], datetime]) -> None:
        self._runtime = runtime
        self._clock = clock
        self._done: set[tuple[str, str, datetime]] = set()
        self._sweeping = asyncio.Lock()

    async def run(self, report: str) -> list[Posting]:
        """Post one report of yesterday for every tenant: the punctual path."""
        now = self._clock()
        await self._refresh(now)
        return await self._runtime.publisher.publish_many(
            self._runtime.registry.tenants, report, Period.YESTERDAY, now
        )

    async def sweep(self) -> list[Posting]:
        """Post what is due and not in the ledger, and go on with what was left."""
        async with self._sweeping:
            now = self._clock()
            await self._refresh(now)
            left = await self._runtime.publisher.resume()
            per_tenant = await asyncio.gather(
                *(self._catch_up(tenant, now) for tenant in self._runtime.registry.tenants)
            )
            return left + [posting for postings in per_tenant for posting in postings]

    async def next_attempt(self) -> datetime | None:
        """Return when the next part that has failed is to be tried again."""
        return await self._call(self._runtime.ledger.next_attempt)

    async def _refresh(self, now: datetime) -> None:
        registry = self._runtime.registry
        await self._call(registry.refresh)
        for tenant in registry.tenants:
            await self._call(self._runtime.ledger.first_seen, tenant.id, now)

    async def _catch_up(self, tenant: Tenant, now: datetime) -> list[Posting]:
        postings: list[Posting] = []
        since = await self._call(self._runtime.ledger.first_seen, tenant.id, now)
        catch_up = timedelta(hours=self._runtime.settings.catch_up_hours)
        for due in due_posts(now, since=since, catch_up=catch_up):
            mark = (tenant.id, due.report, due.at)
            if mark in self._done or self._runtime.publisher.stopping:
                continue
            if not await self._is_new(tenant, due.report, due.at):
                self._done.add(mark)
                continue
            log.info(
                "%s: %s was due at %s and is posted now",
                tenant.id,
                due.report,
                iso_seconds(due.at),
                extra={"tenant": tenant.id, "report": due.report},
            )
            postings += await self._runtime.publisher.publish(
                tenant, due.report, Period.YESTERDAY, due.at
            )
        return postings

    async def _is_new(self, tenant: Tenant, report: str, at: datetime) -> bool:
        """Whether a route of the report has nothing in the ledger and may yet get it."""
        if not tenant.report_config(report).enabled:
            return False
        window = window_for(Period.YESTERDAY, at).key
        for route in tenant.routes_for(report):
            key = DeliveryKey(tenant.id, report, window, NIGHTLY, route.key)
            parts = await self._call(self._runtime.ledger.parts, key)
            if not parts or (
                parts[0].state is PartState.UNPLANNED and not self._hopeless(parts[0])
            ):
                return True
        return False

    def _hopeless(self, part: Part) -> bool:
        limit = timedelta(hours=self._runtime.settings.retry_hours)
        return part.failing_since is not None and real_clock() - part.failing_since > limit

    async def _call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._runtime.pool, lambda: fn(*args, **kwargs))
