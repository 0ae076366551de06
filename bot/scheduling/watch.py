"""The night watch: posts what is due, and what an earlier run has left."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.delivery.backoff import backoff
from bot.delivery.ledger import DeliveryKey, PartState
from bot.delivery.occasions import NIGHTLY
from bot.delivery.postings import Status
from bot.periods import Period, iso_seconds, window_for
from bot.runtime import real_clock
from bot.scheduling.nights import NIGHTLIES, DuePost, due_posts, nightlies_of
from bot.tenants import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.delivery.ledger import Part
    from bot.delivery.postings import Posting
    from bot.runtime import Runtime
    from bot.tenants import Outlet, Tenant

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class NightWatch:
    """Runs the nightly posts of all tenants, each tenant by itself.

    Parameters
    ----------
    runtime
        What it reports and posts with.
    clock
        The report's clock, aware, in UTC.
    real
        Real time, for how long something has been failing.
    """

    def __init__(
        self,
        runtime: Runtime,
        clock: Callable[[], datetime],
        *,
        real: Callable[[], datetime] = real_clock,
    ) -> None:
        self._runtime = runtime
        self._clock = clock
        self._real = real
        self._done: set[tuple[str, str, datetime]] = set()
        self._later: dict[DeliveryKey, datetime] = {}
        self._busy: set[str] = set()
        self._seen: set[str] = set()
        self._version = -1

    async def run(self, report: str) -> list[Posting]:
        """Post one report of yesterday for every tenant: the punctual path.

        An added report goes only to tenants that want it every night.
        """
        now = self._clock()
        await self._refresh(now)
        tenants = _posting(report, self._runtime.registry.tenants)
        postings = await self._runtime.publisher.publish_many(
            tenants, report, Period.YESTERDAY, now
        )
        failed = {posting.tenant for posting in postings if posting.status is Status.FAILED}
        for tenant in tenants:
            if tenant.id in failed:  # finds out when it is to be tried again
                await self._missing(tenant, DuePost(report, now), now)
        return postings

    async def sweep(self) -> list[Posting]:
        """Post what is due and not in the ledger, and go on with what was left.

        A tenant that an earlier sweep is still busy with is left to that one,
        but for what was left in the ledger: another part may take minutes.
        """
        now = self._clock()
        await self._refresh(now)
        self._later = {key: due for key, due in self._later.items() if due > self._real()}
        tenants = {tenant.id: tenant for tenant in self._runtime.registry.tenants}
        left = {part.key.tenant for part in await self._call(self._runtime.ledger.due)}
        names = [*tenants, *sorted(left - tenants.keys())]
        per_tenant = await asyncio.gather(
            *(self._look_after(name, tenants.get(name), name in left, now) for name in names)
        )
        return [posting for postings in per_tenant for posting in postings]

    async def next_attempt(self) -> datetime | None:
        """Return when the next thing that has failed is to be tried again."""
        waiting = [*self._later.values(), await self._call(self._runtime.ledger.next_attempt)]
        return min((moment for moment in waiting if moment is not None), default=None)

    async def _refresh(self, now: datetime) -> None:
        registry = self._runtime.registry
        await self._call(registry.refresh)
        if registry.version != self._version:
            self._version = registry.version
            self._done.clear()
            self._later.clear()
        names = {
            name
            for tenant in registry.tenants
            for nightly in nightlies_of(tenant)
            for name in (
                tenant.id,
                *(route_name(tenant, route) for route in tenant.outlets_for(nightly.report)),
            )
        }
        for name in names - self._seen:
            await self._call(self._runtime.ledger.first_seen, name, now)
            self._seen.add(name)

    async def _look_after(
        self, name: str, tenant: Tenant | None, left: bool, now: datetime
    ) -> list[Posting]:
        is_free = name not in self._busy
        self._busy.add(name)
        try:
            postings = await self._runtime.publisher.resume(tenant=name) if left else []
            if tenant is not None and is_free:
                postings += await self._catch_up(tenant, now)
        except Exception:
            log.exception("%s: the sweep failed", name, extra={"tenant": name})
            return []
        finally:
            if is_free:
                self._busy.discard(name)
        return postings

    async def _catch_up(self, tenant: Tenant, now: datetime) -> list[Posting]:
        """Post what was missed, to webhooks in order; other services may take minutes each."""
        postings: list[Posting] = []
        aside: list[asyncio.Task[list[Posting]]] = []
        try:
            await self._catch_up_each(tenant, now, postings, aside)
            for each in aside:
                postings += await each
        except asyncio.CancelledError:
            for each in aside:
                each.cancel()
            raise
        finally:
            await asyncio.gather(*aside, return_exceptions=True)
        return postings

    async def _catch_up_each(
        self,
        tenant: Tenant,
        now: datetime,
        postings: list[Posting],
        aside: list[asyncio.Task[list[Posting]]],
    ) -> None:
        since = await self._call(self._runtime.ledger.first_seen, tenant.id, now)
        catch_up = timedelta(hours=self._runtime.settings.catch_up_hours)
        reports = nightlies_of(tenant)
        for due in due_posts(now, since=since, catch_up=catch_up, reports=reports):
            mark = (tenant.id, due.report, due.at)
            if mark in self._done or self._runtime.publisher.stopping:
                continue
            routes = await self._missing(tenant, due, now)
            if not routes:
                if not self._waits(tenant, due):
                    self._done.add(mark)
                continue
            log.info(
                "%s: %s was due at %s and is posted now",
                tenant.id,
                due.report,
                iso_seconds(due.at),
                extra={"tenant": tenant.id, "report": due.report},
            )
            if channels := [route for route in routes if isinstance(route, Channel)]:
                aside.append(asyncio.create_task(self._publish(tenant, due, channels)))
            if webhooks := [route for route in routes if not isinstance(route, Channel)]:
                postings += await self._publish(tenant, due, webhooks)

    async def _publish(
        self, tenant: Tenant, due: DuePost, routes: Sequence[Outlet]
    ) -> list[Posting]:
        return await self._runtime.publisher.publish(
            tenant, due.report, Period.YESTERDAY, due.at, routes=routes
        )

    async def _missing(self, tenant: Tenant, due: DuePost, now: datetime) -> list[Outlet]:
        """Return the routes of a report that have nothing in the ledger and may yet get it."""
        window = window_for(Period.YESTERDAY, due.at).key
        return [
            route
            for route in tenant.outlets_for(due.report)
            if await self._is_missing(
                DeliveryKey(tenant.id, due.report, window, NIGHTLY, route.key),
                route_name(tenant, route),
                due.at,
                now,
            )
        ]

    def _waits(self, tenant: Tenant, due: DuePost) -> bool:
        """Whether a report that could not be computed is tried again later."""
        window = window_for(Period.YESTERDAY, due.at).key
        return any(
            (key.tenant, key.report, key.window) == (tenant.id, due.report, window)
            for key in self._later
        )

    async def _is_missing(
        self, key: DeliveryKey, route_name: str, due_at: datetime, now: datetime
    ) -> bool:
        ledger = self._runtime.ledger
        parts = await self._call(ledger.parts, key)
        self._later.pop(key, None)
        if parts:
            return parts[0].state is PartState.UNPLANNED and self._may_be_computed(key, parts[0])
        # A webhook that was added or exchanged since does not bring a night's reports again.
        is_new = await self._call(ledger.first_seen, route_name, now) > due_at
        return not (is_new and await self._call(ledger.delivered, key))

    def _may_be_computed(self, key: DeliveryKey, part: Part) -> bool:
        """Whether a report that could not be computed is worth another try now."""
        if self._hopeless(part):
            return False
        jitter = Random(part.id)  # noqa: S311  # the same wait each time one looks
        again = part.updated_at + backoff(part.attempts, rng=jitter)
        if again <= self._real():
            return True
        self._later[key] = again
        return False

    def _hopeless(self, part: Part) -> bool:
        limit = timedelta(hours=self._runtime.settings.retry_hours)
        return part.failing_since is not None and self._real() - part.failing_since > limit

    async def _call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._runtime.pool, lambda: fn(*args, **kwargs))


def _posting(report: str, tenants: Sequence[Tenant]) -> Sequence[Tenant]:
    """Return the tenants that a report's minute is for; the bot's own go to all."""
    if any(nightly.report == report for nightly in NIGHTLIES):
        return tenants
    return [tenant for tenant in tenants if tenant.posts_nightly(report)]


def route_name(tenant: Tenant, route: Outlet) -> str:
    """Return under which name the ledger remembers when a route was first seen."""
    return f"{tenant.id}/{route.key}"
