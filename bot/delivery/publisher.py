"""Posts reports: plans them in the ledger, hands the parts to the courier.

The schedule, the command line and the backend's direct calls all come
through here.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.delivery.courier import Target
from bot.delivery.ledger import DeliveryKey, PartState
from bot.delivery.occasions import occasion_of
from bot.delivery.postings import Posting, Status
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from datetime import datetime

    from bot.delivery.composer import Composer
    from bot.delivery.courier import Courier
    from bot.delivery.ledger import Ledger, Part
    from bot.periods import Period, Window
    from bot.tenants import Route, Tenant, TenantRegistry

log = logging.getLogger(__name__)

_TENANTS_AT_ONCE = 8
NO_DATA = "no data"
NO_WEBHOOK = "no usable webhook"
OFF = "switched off in the tenant file"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be posted to one route."""

    tenant: Tenant
    route: Route
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
        self._registry = registry
        self._composer = composer
        self._ledger = ledger
        self._courier = courier

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
        progress: Callable[[Tenant, Sequence[Posting]], None] | None = None,
    ) -> list[Posting]:
        """Post one report for several tenants at a time; see `publish`."""
        gate = asyncio.Semaphore(_TENANTS_AT_ONCE)

        async def one(tenant: Tenant) -> list[Posting]:
            async with gate:
                postings = await self.publish(tenant, report, period, now, request=request)
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
    ) -> list[Posting]:
        """Post one report of one tenant to all its routes.

        Trouble is logged and told in the result, never raised: one tenant's
        must not touch another's.

        Parameters
        ----------
        now
            The report's clock.
        request
            Id of the request, for a post that somebody asked for; without
            one it is the nightly post, which exists once.
        """
        where = {"tenant": tenant.id, "report": report}
        if not tenant.report_config(report).enabled:
            return [_nowhere(tenant, report, OFF)]
        routes = tenant.routes_for(report)
        if not routes:
            log.warning("%s: no usable webhook for %s", tenant.id, report, extra=where)
            return [_nowhere(tenant, report, NO_WEBHOOK)]
        try:
            window = await self._composer.window(tenant, period, now)
        except BotError as error:
            log.error("%s: %s failed: %s", tenant.id, report, error, extra=where)
            return [_nowhere(tenant, report, str(error), Status.FAILED)]
        except Exception:
            log.exception("%s: %s failed", tenant.id, report, extra=where)
            return [_nowhere(tenant, report, "unexpected error, see the log", Status.FAILED)]
        if period.is_tick and window.tick is None:
            return [_nowhere(tenant, report, "the database has no such tick")]
        jobs = (
            self._publish_route(tenant, route, report, window, now, request) for route in routes
        )
        return list(await asyncio.gather(*jobs))

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
        for route in tenant.routes_for(report):
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
            reason = f"would go on with {left} messages" if left else _sum_up(parts, parts).reason
        elif preview.payloads:
            reason = f"would send {len(preview.payloads)} messages"
        else:
            reason = NO_DATA
        label = preview.window.label
        return Posting(key.tenant, report, key.channel, label, Status.SKIPPED, reason)

    async def resume(self, *, due_only: bool = True, tenant: str | None = None) -> list[Posting]:
        """Go on with the parts that earlier runs have left in the ledger.

        Parameters
        ----------
        due_only
            Whether to leave parts alone whose next attempt lies ahead.
        tenant
            Id of the only tenant to go on with; None for all.
        """
        call = self._courier.call
        read = self._ledger.due if due_only else self._ledger.unsettled
        parts = await call(read, tenant=tenant)
        keys = list(dict.fromkeys(part.key for part in parts))
        return list(await asyncio.gather(*(self._resume_key(key) for key in keys)))

    async def retry(self, tenant: str | None = None) -> list[Posting]:
        """Try everything again that has failed, also what was given up."""
        await self._courier.call(self._ledger.clear_broken, tenant=tenant)
        await self._courier.call(self._ledger.reset_failed, tenant)
        return await self.resume(due_only=False, tenant=tenant)

    async def _resume_key(self, key: DeliveryKey) -> Posting:
        parts = await self._courier.call(self._ledger.parts, key)
        label = parts[0].label
        route = self._route(key)
        if route is None:
            reason = "its webhook is no longer in the tenant file"
            for part in parts:
                await self._courier.leave(part, reason)
            return Posting(key.tenant, key.report, key.channel, label, Status.FAILED, reason)
        return await self._shielded(key, label, self._drive(parts, route, expire=True))

    def _route(self, key: DeliveryKey) -> Route | None:
        for tenant in self._registry.tenants:
            if tenant.id == key.tenant:
                for routes in tenant.routes.values():
                    for route in routes:
                        if route.key == key.channel:
                            return route
        return None

    async def _publish_route(
        self,
        tenant: Tenant,
        route: Route,
        report: str,
        window: Window,
        now: datetime,
        request: str | None,
    ) -> Posting:
        key = _key(tenant, report, window, now, request, route)
        return await self._shielded(
            key, window.label, self._plan_and_drive(tenant, route, key, window, now)
        )

    async def _shielded(
        self, key: DeliveryKey, label: str, work: Coroutine[None, None, Posting]
    ) -> Posting:
        where = {"tenant": key.tenant, "report": key.report, "window": key.window}
        try:
            posting = await work
        except BotError as error:
            posting = Posting(key.tenant, key.report, key.channel, label, Status.FAILED, str(error))
        except Exception:
            log.exception("%s: posting %s failed", key.tenant, key.report, extra=where)
            posting = Posting(
                key.tenant,
                key.report,
                key.channel,
                label,
                Status.FAILED,
                "unexpected error, see the log",
            )
        _tell(posting, where)
        return posting

    async def _plan_and_drive(
        self, tenant: Tenant, route: Route, key: DeliveryKey, window: Window, now: datetime
    ) -> Posting:
        call = self._courier.call
        parts = await call(self._ledger.parts, key)
        if not parts or not parts[0].state.planned:
            try:
                composed = await self._composer.compose(
                    tenant, route, key.report, window.period, now
                )
            except BotError as error:
                await call(
                    self._ledger.note_failure,
                    key,
                    str(error),
                    period=window.period.value,
                    label=window.label,
                )
                raise
            parts = await call(
                self._ledger.plan,
                key,
                composed.payloads,
                period=window.period.value,
                label=window.label,
            )
        return await self._drive(parts, route)

    async def _drive(self, parts: list[Part], route: Route, *, expire: bool = False) -> Posting:
        """Send the parts in order; a part that stays behind holds up the rest."""
        done: list[Part] = []
        for part in parts:
            current = part
            if not part.state.settled:
                target = _target(route, done, parts)
                current = await self._courier.deliver(part, target, expire=expire)
            done.append(current)
            if not current.state.settled:
                break
        return _sum_up(parts, done)


def _target(route: Route, done: Sequence[Part], parts: Sequence[Part]) -> Target:
    """Return where the next part goes: later ones follow the first into its forum post."""
    if not route.thread_name or not done:
        return Target(route.webhook, route.thread_id)
    opened = next((part.thread_id for part in done if part.thread_id), None)
    if opened is not None:
        return Target(route.webhook, opened)
    return Target(route.webhook, None, parts[0].payload.get("thread_name"))


def _key(
    tenant: Tenant, report: str, window: Window, now: datetime, request: str | None, route: Route
) -> DeliveryKey:
    occasion = occasion_of(window, now, request)
    return DeliveryKey(tenant.id, report, window.key, occasion, route.key)


def _nowhere(tenant: Tenant, report: str, reason: str, status: Status = Status.SKIPPED) -> Posting:
    return Posting(tenant.id, report, "-", "", status, reason)


def _sum_up(before: Sequence[Part], after: Sequence[Part]) -> Posting:
    key = before[0].key
    sent_before = sum(part.state is PartState.SENT for part in before)
    sent = sum(part.state is PartState.SENT for part in after) - sent_before
    status, reason = Status.SENT, ""
    worst = next((part for part in after if part.state is not PartState.SENT), None)
    if worst is not None:
        status, reason = _verdict(worst)
    elif not sent:
        status, reason = Status.SKIPPED, "already sent"
    return Posting(
        key.tenant, key.report, key.channel, before[0].label, status, reason, messages=sent
    )


def _verdict(part: Part) -> tuple[Status, str]:
    match part.state:
        case PartState.EMPTY:
            return Status.SKIPPED, NO_DATA
        case PartState.SKIPPED:
            return Status.SKIPPED, part.error or "in doubt, not sent again"
        case PartState.BROKEN | PartState.GAVE_UP:
            return Status.FAILED, part.error or "given up"
        case PartState.SENDING:
            return Status.FAILED, "another process is sending it"
        case _:
            again = (
                f"; tried again from {part.next_attempt_at:%H:%M:%S} UTC"
                if part.next_attempt_at
                else ""
            )
            return Status.FAILED, f"{part.error or 'not sent yet'}{again}"


def _tell(posting: Posting, where: dict[str, str]) -> None:
    level = logging.ERROR if posting.status is Status.FAILED else logging.INFO
    log.log(
        level,
        "%s: %s for %s: %s%s",
        posting.tenant,
        posting.report,
        posting.label,
        posting.status.value,
        f" ({posting.reason})" if posting.reason else f" ({posting.messages} messages)",
        extra=where,
    )
