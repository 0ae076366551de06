"""Puts the parts of the house together for the ways in that post.

The bot, the command line, the schedule and the backend's direct calls open
one of these; what it opens it closes.
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
_LEAST_PATIENCE = 60.0
_STATEMENTS = 3
"""How many statements at their time limit an added report may take."""


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
        reports = ReportService(
            databases,
            max_workers=_REPORT_THREADS,
            patience=max(_LEAST_PATIENCE, _STATEMENTS * settings.query_timeout),
            observer=observer,
        )
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
    policy: Policy | None = None,
    messenger: Messenger | None = None,
) -> AsyncIterator[Runtime]:
    """Open everything that posting needs, and close it after the block.

    Parameters
    ----------
    clock
        Real time, for leases, retries and time-outs.
    observer
        Hears how long queries and deliveries took.
    policy
        How persistent deliveries are; by default as the settings say.
    messenger
        Sends to services other than Discord, and is closed in the end, too.

    Raises
    ------
    BotError
        If the state database cannot be opened.
    """
    async with (
        _open_ledger(settings, clock) as (ledger, pool),
        open_reports(settings, observer=observer) as (databases, reports, composer),
        WebhookClient() as client,
    ):
        with contextlib.closing(messenger or Messenger()) as messenger:
            courier = Courier(
                ledger,
                client,
                _lookup(settings, client),
                policy=policy or _policy_of(settings),
                pool=pool,
                clock=clock,
                observer=observer,
                messenger=messenger,
            )
            publisher = Publisher(registry, composer, ledger, courier)
            book, places = GuildBook(ledger.database, clock), Whereabouts(client)
            opened = (databases, reports, composer, ledger, publisher, pool, book, places)
            yield Runtime(settings, registry, *opened)


@contextlib.asynccontextmanager
async def _open_ledger(
    settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[tuple[Ledger, WorkerPool]]:
    """Open the ledger, and the threads in which it is called."""
    uri, lease = settings.state_db_uri.get_secret_value(), settings.lease_seconds
    pool = WorkerPool(_LEDGER_THREADS, "ledger")
    try:
        loop = asyncio.get_running_loop()
        ledger = await loop.run_in_executor(
            pool, lambda: Ledger.open(uri, lease_seconds=lease, clock=clock)
        )
        with ledger:
            yield ledger, pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _lookup(settings: Settings, client: WebhookClient) -> Lookup | None:
    """Return what looks for messages in doubt; None without a bot token."""
    if settings.discord_token is None:
        return None
    token = settings.discord_token.get_secret_value()
    return Lookup(settings.discord_api_base, token, client)


def _policy_of(settings: Settings) -> Policy:
    return Policy(
        lease_seconds=settings.lease_seconds,
        retry_hours=settings.retry_hours,
        catch_up_hours=settings.catch_up_hours,
        in_doubt=settings.in_doubt,
    )
