"""What earlier runs have left in the ledger: to go on with, or to try again."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.delivery.driving import sum_up
from bot.delivery.ledger import PartState
from bot.delivery.occasions import REQUEST
from bot.delivery.postings import Posting, Status
from bot.periods import Period, window_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bot.delivery.courier import Courier
    from bot.delivery.driving import Driver
    from bot.delivery.ledger import DeliveryKey, Ledger, Part
    from bot.delivery.planning import Planner
    from bot.periods import Window
    from bot.tenants import Outlet, Tenant, TenantRegistry

log = logging.getLogger(__name__)

_RECENT = timedelta(days=7)
"""How long a retry tells what it leaves alone."""

GONE = "the tenant file no longer sends this report there"


class Leftovers:
    """Finds the route of what was left, and goes on with it.

    Parameters
    ----------
    registry
        The tenants as they are now; a delivery knows only their names.
    """

    def __init__(
        self,
        registry: TenantRegistry,
        ledger: Ledger,
        courier: Courier,
        planner: Planner,
        driver: Driver,
        clock: Callable[[], datetime],
    ) -> None:
        self._registry = registry
        self._ledger = ledger
        self._courier = courier
        self._planner = planner
        self._driver = driver
        self._clock = clock

    async def resume(self, *, due_only: bool, tenant: str | None) -> list[Posting]:
        """Go on with the parts that are planned; see `Publisher.resume`."""
        read = self._ledger.due if due_only else self._ledger.unsettled
        parts = await self._courier.call(read, tenant=tenant)
        return await self._all(parts)

    async def retry(self, tenant: str | None) -> list[Posting]:
        """Try everything again that has failed; see `Publisher.retry`."""
        call = self._courier.call
        await call(self._ledger.clear_broken, tenant=tenant)
        for each in self._registry.tenants:
            if tenant in (None, each.id):
                for mark in _marks(each):
                    await call(self._ledger.clear_broken, fingerprint=mark)
        failed = await call(self._ledger.history, tenant=tenant, failed=True, limit=None)
        unplanned = [
            part
            for part in reversed(failed)
            if part.state is PartState.UNPLANNED and not part.key.occasion.startswith(REQUEST)
        ]
        await call(self._ledger.reset_failed, tenant)
        parts = await call(self._ledger.unsettled, tenant=tenant)
        told = _left_alone(reversed(failed), parts, self._clock())
        return [*await self._all(parts), *await self._replan(unplanned), *told]

    async def _all(self, parts: Iterable[Part]) -> list[Posting]:
        keys = list(dict.fromkeys(part.key for part in parts))
        return list(await asyncio.gather(*(self._resume_key(key) for key in keys)))

    async def _resume_key(self, key: DeliveryKey) -> Posting:
        parts = await self._courier.call(self._ledger.parts, key)
        label = parts[0].label
        return await self._driver.shielded(key, label, self._resume_parts(key, parts))

    async def _resume_parts(self, key: DeliveryKey, parts: list[Part]) -> Posting:
        route = self._route(key)
        if route is not None:
            return await self._driver.drive(parts, route, expire=True)
        heirs = self._heirs(key)
        taken = [route for route in heirs if await self._parts(key, route)]
        if len(heirs) == 1 and not taken:
            [route] = heirs
            if await self._courier.call(self._ledger.move, key, route.key):
                log.info("%s: %s goes to %s now", key.tenant, key.report, route.key)
                return await self._driver.drive(await self._parts(key, route), route, expire=True)
        status, reason = Status.FAILED, GONE
        if taken:
            status, reason = Status.SKIPPED, f"{GONE}; it has gone to {taken[0].key} instead"
        for part in parts:
            if taken:
                await self._courier.give_up(part, reason)
            else:
                await self._courier.leave(part, reason)
        return Posting(key.tenant, key.report, key.channel, parts[0].label, status, reason)

    async def _parts(self, key: DeliveryKey, route: Outlet) -> list[Part]:
        return await self._courier.call(self._ledger.parts, replace(key, channel=route.key))

    def _tenant(self, tenant_id: str) -> Tenant | None:
        return next((each for each in self._registry.tenants if each.id == tenant_id), None)

    def _routes(self, key: DeliveryKey) -> tuple[Outlet, ...]:
        tenant = self._tenant(key.tenant)
        return () if tenant is None else tenant.outlets_for(key.report)

    def _route(self, key: DeliveryKey) -> Outlet | None:
        return next((route for route in self._routes(key) if route.key == key.channel), None)

    def _heirs(self, key: DeliveryKey) -> list[Outlet]:
        """Return the routes that may have taken the place of one that is gone."""
        kind = _kind(key.channel)
        return [route for route in self._routes(key) if _kind(route.key) == kind]

    async def _replan(self, unplanned: Iterable[Part]) -> list[Posting]:
        """Compute reports again that could not be computed, where they are still wanted."""
        return list(
            await asyncio.gather(
                *(
                    self._driver.shielded(part.key, part.label, self._compute(part, route))
                    for part in unplanned
                    if (route := self._route(part.key)) is not None
                )
            )
        )

    async def _compute(self, part: Part, route: Outlet) -> Posting:
        tenant = self._tenant(part.key.tenant)
        found = moment_of(part, self._clock())
        if tenant is None or found is None:
            reason = "its window cannot be computed again; post it by hand"
            key = part.key
            return Posting(key.tenant, key.report, key.channel, part.label, Status.FAILED, reason)
        window, now = found
        parts = await self._planner.parts(tenant, route, part.key, window, now)
        return await self._driver.drive(parts, route)


def _left_alone(failed: Iterable[Part], tried: Iterable[Part], now: datetime) -> list[Posting]:
    """Return what a retry leaves alone, for some of its recipients have it."""
    told = {part.key for part in tried}
    found = []
    for part in failed:
        is_recent = now - part.updated_at < _RECENT
        if part.state is PartState.PARTLY_SENT and is_recent and part.key not in told:
            told.add(part.key)
            found.append(replace(sum_up([part]), status=Status.SKIPPED))
    return found


def _kind(channel: str) -> tuple[str, str]:
    """Return what outlets have in common that may take each other's place.

    These are the service, for whose limits a message was written, and the filters.
    """
    place, _, filters = channel.partition("#")
    service, _, rest = place.partition(":")
    return f"{service}:{rest.partition(':')[0]}" if service == "apprise" else service, filters


def _marks(tenant: Tenant) -> Iterator[str]:
    """Yield what may be marked as refused of a tenant's webhooks and channels."""
    for routes in tenant.routes.values():
        yield from (route.webhook.fingerprint for route in routes)
    yield from (channel.fingerprint for channel in tenant.channels)


def moment_of(part: Part, now: datetime) -> tuple[Window, datetime] | None:
    """Return the window of a part and a moment for which it is the window.

    None for a tick's window.
    """
    period = Period(part.period)
    if period.is_tick:
        return None
    first, _, last = part.key.window.partition("/")
    for text in (last, first):
        moment = datetime.fromisoformat(text) if text.endswith("Z") else now
        window = window_for(period, moment)
        if window.key == part.key.window:
            return window, moment
    return None
