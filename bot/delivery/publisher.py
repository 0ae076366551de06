"""Posts reports: plans them in the ledger, hands the parts to the courier.

The schedule, the command line and the backend's direct calls all come
through here.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.delivery.driving import NO_DATA, Driver, sum_up
from bot.delivery.ledger import DeliveryKey
from bot.delivery.leftovers import Leftovers
from bot.delivery.occasions import occasion_of
from bot.delivery.planning import UNEXPECTED, Planner, StoppedError
from bot.delivery.postings import Posting, Status
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.delivery.composer import Composer
    from bot.delivery.courier import Courier
    from bot.delivery.ledger import Ledger
    from bot.periods import Period, Window
    from bot.tenants import Outlet, Tenant, TenantRegistry

log = logging.getLogger(__name__)

NO_WEBHOOK = "no usable webhook or channel"
OFF = "switched off in the tenant file"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be posted to one route."""

    tenant: Tenant
    route: Outlet
    window: Window
    payloads: tuple[dict[str, Any], ...]


class Publisher:
    """Posts each report of each tenant once.

    Parameters
    ----------
    registry
        The tenants, for parts that an earlier run has left.
    composer
        Draws reports.
    ledger
        Where everything is written down first.
    courier
        Sends what the ledger holds.
    """

    def __init__(
        self, registry: TenantRegistry, composer: Composer, ledger: Ledger, courier: Courier
    ) -> None:
        self._composer = composer
        self._ledger = ledger
        self._courier = courier
        self._planner = Planner(composer, ledger, courier)
        self._driver = Driver(courier)
        self._leftovers = Leftovers(
            registry, ledger, courier, self._planner, self._driver, courier.clock
        )

    @property
    def stopping(self) -> bool:
        """Whether nothing new is begun any more."""
        return self._courier.stopping

    def stop(self) -> None:
        """Begin nothing new; a message that is being written is finished."""
        self._courier.stop()

    async def publish_many(
        self,
        tenants: Iterable[Tenant],
        report: str,
        period: Period,
        now: datetime,
        *,
        request: str | None = None,
        discord_only: bool = False,
        progress: Callable[[Tenant, Sequence[Posting]], None] | None = None,
    ) -> list[Posting]:
        """Post one report for several tenants at a time; see `publish`.

        Parameters
        ----------
        discord_only
            Whether to leave out the channels of other services.
        """

        async def one(tenant: Tenant) -> list[Posting]:
            routes = tenant.routes_for(report) if discord_only else None
            postings = await self.publish(
                tenant, report, period, now, request=request, routes=routes
            )
            if progress is not None:
                progress(tenant, postings)
            return postings

        return [
            posting for postings in await asyncio.gather(*map(one, tenants)) for posting in postings
        ]

    async def publish(
        self,
        tenant: Tenant,
        report: str,
        period: Period,
        now: datetime,
        *,
        request: str | None = None,
        routes: Sequence[Outlet] | None = None,
    ) -> list[Posting]:
        """Post one report of one tenant to all its webhooks and channels.

        Trouble is logged and told in the result, never raised: one tenant's
        must not touch another's.

        Parameters
        ----------
        now
            The report's clock.
        request
            Id of the request, for a post that somebody asked for; without
            one it is the nightly post, which exists once.
        routes
            The only webhooks and channels to post to; None for all.
        """
        where = {"tenant": tenant.id, "report": report}
        if not (tenant.enabled and tenant.report_config(report).enabled):
            return [_nowhere(tenant, report, OFF)]
        routes = tenant.outlets_for(report) if routes is None else routes
        if not routes:
            log.warning("%s: %s for %s", tenant.id, NO_WEBHOOK, report, extra=where)
            return [_nowhere(tenant, report, NO_WEBHOOK)]
        try:
            await self._courier.call(self._ledger.first_seen, tenant.id, now)
            window = await self._window(tenant, period, now)
        except BotError as error:
            log.error("%s: %s failed: %s", tenant.id, report, error, extra=where)
            return [_nowhere(tenant, report, str(error), Status.FAILED)]
        except Exception:
            log.exception("%s: %s failed", tenant.id, report, extra=where)
            return [_nowhere(tenant, report, UNEXPECTED, Status.FAILED)]
        if period.is_tick and window.tick is None:
            return [_nowhere(tenant, report, "the database has no such tick")]
        jobs = (
            self._publish_route(tenant, route, report, window, now, request) for route in routes
        )
        return list(await asyncio.gather(*jobs))

    async def _window(self, tenant: Tenant, period: Period, now: datetime) -> Window:
        window = await self._courier.unless_stopped(self._composer.window(tenant, period, now))
        if window is None:
            raise StoppedError
        return window

    async def preview(
        self, tenant: Tenant, report: str, period: Period, now: datetime
    ) -> list[Preview]:
        """Return what would be posted; nothing is sent and nothing written.

        Raises
        ------
        BotError
            If the tenant's database cannot be read.
        """
        previews = []
        for route in tenant.outlets_for(report):
            composed = await self._composer.compose(tenant, route, report, period, now)
            previews.append(Preview(tenant, route, composed.window, composed.payloads))
        return previews

    async def dry_run(
        self, tenant: Tenant, report: str, period: Period, now: datetime
    ) -> list[Posting]:
        """Return what `publish` would do; nothing is sent and nothing written.

        Raises
        ------
        BotError
            If the tenant's database cannot be read.
        """
        if not tenant.report_config(report).enabled:
            return [_nowhere(tenant, report, OFF)]
        previews = await self.preview(tenant, report, period, now)
        if not previews:
            return [_nowhere(tenant, report, NO_WEBHOOK)]
        return [await self._would_do(report, preview, now) for preview in previews]

    async def _would_do(self, report: str, preview: Preview, now: datetime) -> Posting:
        key = _key(preview.tenant, report, preview.window, now, None, preview.route)
        parts = await self._courier.call(self._ledger.parts, key)
        if parts and parts[0].state.planned:
            left = sum(not part.state.settled for part in parts)
            reason = f"would go on with {_counted(left)}" if left else sum_up(parts).reason
        elif preview.payloads:
            reason = f"would send {_counted(len(preview.payloads))}"
        else:
            reason = NO_DATA
        label = preview.window.label
        return Posting(key.tenant, report, key.channel, label, Status.SKIPPED, reason)

    async def resume(self, *, due_only: bool = True, tenant: str | None = None) -> list[Posting]:
        """Go on with the parts that earlier runs have left in the ledger.

        What was left for a webhook that is gone from the tenant file goes to
        the one that took its place, if that can be told.

        Parameters
        ----------
        due_only
            Whether to leave parts alone whose next attempt lies ahead.
        tenant
            Id of the only tenant to go on with; None for all.
        """
        return await self._leftovers.resume(due_only=due_only, tenant=tenant)

    async def retry(self, tenant: str | None = None) -> list[Posting]:
        """Try everything again that has failed, also what was given up.

        Reports that could not be computed are computed anew, except those
        that a person asked for, who was told.
        """
        return await self._leftovers.retry(tenant)

    async def _publish_route(
        self,
        tenant: Tenant,
        route: Outlet,
        report: str,
        window: Window,
        now: datetime,
        request: str | None,
    ) -> Posting:
        key = _key(tenant, report, window, now, request, route)

        async def work() -> Posting:
            parts = await self._planner.parts(tenant, route, key, window, now)
            return await self._driver.drive(parts, route)

        return await self._driver.shielded(key, window.label, work())


def _key(
    tenant: Tenant, report: str, window: Window, now: datetime, request: str | None, route: Outlet
) -> DeliveryKey:
    occasion = occasion_of(window, now, request)
    return DeliveryKey(tenant.id, report, window.key, occasion, route.key)


def _nowhere(tenant: Tenant, report: str, reason: str, status: Status = Status.SKIPPED) -> Posting:
    return Posting(tenant.id, report, "-", "", status, reason)


def _counted(messages: int) -> str:
    return f"{messages} message{'' if messages == 1 else 's'}"
