"""Puts the parts of the house together for the ways in that post.

The command line, the schedule and the backend's direct calls open one of
these; what it opens it closes.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.backend import Databases
from bot.delivery.composer import Composer
from bot.delivery.courier import Courier
from bot.delivery.errands import Policy
from bot.delivery.ledger import Ledger
from bot.delivery.lookup import Lookup
from bot.delivery.messenger import Messenger
from bot.delivery.publisher import Publisher
from bot.delivery.webhook import WebhookClient
from bot.delivery.whereabouts import Whereabouts
from bot.guilds.book import GuildBook
from bot.observing import SILENT
from bot.reports.service import ReportService
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.observing import Observer
    from bot.settings import Settings
    from bot.tenants import TenantRegistry

_LEDGER_THREADS = 4
_REPORT_THREADS = 4


def real_clock() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a way in needs to report and to post."""

    settings: Settings
    registry: TenantRegistry
    databases: Databases
    reports: ReportService
    composer: Composer
    ledger: Ledger
    publisher: Publisher
    pool: WorkerPool
    guilds: GuildBook
    whereabouts: Whereabouts


@contextlib.asynccontextmanager
async def open_reports(
    settings: Settings, *, observer: Observer = SILENT
) -> AsyncIterator[tuple[Databases, ReportService, Composer]]:
    """Open the query layer and the drawing only: no ledger and no network."""
    databases = Databases(query_timeout=settings.query_timeout)
    pool = WorkerPool(_REPORT_THREADS, "report")
    try:
        reports = ReportService(databases, max_workers=_REPORT_THREADS, observer=observer)
        yield databases, reports, Composer(reports, pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        databases.dispose()


@contextlib.asynccontextmanager
async def open_runtime(
    settings: Settings,
    registry: TenantRegistry,
    *,
    clock: Callable[[], datetime] = real_clock,
    observer: Observer = SILENT,
) -> AsyncIterator[Runtime]:
    """Open everything that posting needs, and close it after the block.

    Parameters
    ----------
    clock
        Real time, for leases, retries and time-outs.
    observer
        Hears how long queries and deliveries took.

    Raises
    ------
    BotError
        If the state database cannot be opened.
    """
    token = settings.discord_token.get_secret_value() if settings.discord_token else None
    pool = WorkerPool(_LEDGER_THREADS, "ledger")
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        ledger = await loop.run_in_executor(
            pool,
            lambda: Ledger.open(
                settings.state_db_uri.get_secret_value(),
                lease_seconds=settings.lease_seconds,
                clock=clock,
            ),
        )
        stack.callback(ledger.close)
        opened = await stack.enter_async_context(open_reports(settings, observer=observer))
        databases, reports, composer = opened
        client = await stack.enter_async_context(WebhookClient())
        messenger = Messenger()
        stack.callback(messenger.close)
        lookup = Lookup(settings.discord_api_base, token, client) if token else None
        courier = Courier(
            ledger,
            client,
            lookup,
            policy=_policy_of(settings),
            pool=pool,
            clock=clock,
            observer=observer,
            messenger=messenger,
        )
        publisher = Publisher(registry, composer, ledger, courier)
        guilds = GuildBook(ledger.database, clock)
        yield Runtime(
            settings,
            registry,
            databases,
            reports,
            composer,
            ledger,
            publisher,
            pool,
            guilds,
            Whereabouts(client),
        )


def _policy_of(settings: Settings) -> Policy:
    return Policy(
        lease_seconds=settings.lease_seconds,
        retry_hours=settings.retry_hours,
        catch_up_hours=settings.catch_up_hours,
        in_doubt=settings.in_doubt,
    )
