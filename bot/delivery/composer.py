"""From a tenant and a route to the exact payloads that are to be sent."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.delivery.occasions import fill_thread_name
from bot.errors import BotError
from bot.rendering import RenderContext, quiet_day, render
from bot.rendering.letters import Manner, letters
from bot.reports.filters import NO_FILTERS, Filters
from bot.services import service_of
from bot.tenants import Channel

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from datetime import datetime

    from bot.periods import Period, Window
    from bot.reports.results import Result
    from bot.reports.service import ReportService
    from bot.tenants import Outlet, Route, Tenant

log = logging.getLogger(__name__)


_EVENTS = "event"


class NoEventsError(BotError):
    """The database lacks the table that every report begins with."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        super().__init__(
            "the database has no table event; let db_uri name the database that the backend"
            " writes, or restore it"
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """One report, drawn for one route.

    Attributes
    ----------
    payloads
        Bodies of the requests, in order; empty where there is nothing to say.
    missing
        What the database lacks for this report.
    """

    window: Window
    payloads: tuple[dict[str, Any], ...]
    missing: tuple[str, ...] = ()


class Composer:
    """Asks the query layer and draws the answer for where it goes.

    Parameters
    ----------
    reports
        The query layer.
    pool
        Where drawing runs, off the event loop.
    """

    def __init__(self, reports: ReportService, pool: Executor) -> None:
        self._reports = reports
        self._pool = pool

    async def window(self, tenant: Tenant, period: Period, now: datetime) -> Window:
        """Return the window of a period; tick periods ask the tenant's database."""
        return await self._reports.window(tenant, period, now)

    async def result(
        self,
        tenant: Tenant,
        report: str,
        period: Period,
        now: datetime,
        *,
        filters: Filters = NO_FILTERS,
        top: int | None = None,
    ) -> Result:
        """Return a report of a tenant, as posts and commands show it.

        Parameters
        ----------
        top
            Rows per section in place of the tenant's own number.

        Raises
        ------
        NoEventsError
            If the database is not (yet, or no longer) the backend's: nothing
            that is missing there must count as a day without data.
        DatabaseError
            If it cannot be read.
        """
        result = await self._reports.get(
            tenant,
            report,
            period,
            now,
            filters=filters,
            top=top or tenant.report_config(report).top,
        )
        if _EVENTS in result.missing:
            raise NoEventsError(tenant.id)
        if result.missing:
            log.warning(
                "%s: the database has no %s; %s goes on without",
                tenant.id,
                ", ".join(result.missing),
                report,
                extra={"tenant": tenant.id, "report": report},
            )
        return result

    async def compose(
        self, tenant: Tenant, route: Outlet, report: str, period: Period, now: datetime
    ) -> Composed:
        """Return the payloads of one report for one route.

        Raises
        ------
        NoEventsError, DatabaseError
            As `result`.
        ServiceError
            If a channel's service cannot be had any more.
        """
        result = await self.result(
            tenant,
            report,
            period,
            now,
            filters=Filters(systems=route.systems, factions=route.factions),
            top=route.top,
        )
        loop = asyncio.get_running_loop()
        payloads = await loop.run_in_executor(
            self._pool, _payloads, tenant, route, report, result, now
        )
        return Composed(result.window, payloads, result.missing)


def context_of(tenant: Tenant) -> RenderContext:
    """Return what a drawing shows of a tenant."""
    return RenderContext(tenant_name=tenant.name, logo_url=tenant.faction_logo)


def manner_of(channel: Channel) -> Manner:
    """Return what the service of a channel takes.

    Raises
    ------
    ServiceError
        If it cannot be had.
    """
    service = service_of(channel.url)
    return Manner(service.format, service.body_limit, service.title_limit, service.line_limit)


def _payloads(
    tenant: Tenant, route: Outlet, report: str, result: Result, now: datetime
) -> tuple[dict[str, Any], ...]:
    if isinstance(route, Channel):
        return _letters(tenant, route, result)
    return _messages(tenant, route, report, result, now)


def _letters(tenant: Tenant, channel: Channel, result: Result) -> tuple[dict[str, Any], ...]:
    if result.is_empty and not tenant.quiet_days:
        return ()
    manner = manner_of(channel)
    return tuple(
        {"title": letter.title, "body": letter.body, "format": manner.format}
        for letter in letters(result, tenant.name, manner)
    )


def _messages(
    tenant: Tenant, route: Route, report: str, result: Result, now: datetime
) -> tuple[dict[str, Any], ...]:
    style = route.style or tenant.report_config(report).style
    context = context_of(tenant)
    if not result.is_empty:
        messages = render(result, context, style)
    elif tenant.quiet_days:
        messages = (quiet_day(result, context, style),)
    else:
        return ()
    thread_name = (
        fill_thread_name(route.thread_name, result.window, now) if route.thread_name else None
    )
    return tuple(
        message.payload(
            username=route.username,
            avatar_url=route.avatar_url,
            silent=route.silent,
            thread_name=thread_name if index == 0 else None,
            tags=route.tags if index == 0 else (),
        )
        for index, message in enumerate(messages)
    )
