"""Computing a report from a tenant's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.reports import registry
from bot.reports.event_index import has_our_indexes
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.source import Source, find_window

if TYPE_CHECKING:
    from datetime import datetime

    from bot.backend.engines import TenantDatabase
    from bot.periods import Period, Window
    from bot.reports.results import Result


def run(
    db: TenantDatabase,
    report: str,
    period: Period,
    now: datetime,
    *,
    faction_name: str | None = None,
    filters: Filters = NO_FILTERS,
    top: int | None = 5,
) -> Result:
    """Compute a report, in one read-only transaction.

    Parameters
    ----------
    db
        The tenant's database.
    report
        Key of the report, such as ``daily``.
    period, now
        What the report covers; ``now`` is aware.
    faction_name
        The tenant's own faction, for the daily summary.
    filters
        What to narrow the report to.
    top
        Rows per section of the daily summary; None for all.

    Raises
    ------
    UnknownReportError
        If there is no such report.
    DatabaseError
        If the database cannot be read, or not in time.
    """
    compute = registry.get(report).compute
    shape = db.shape
    with db.read() as connection:
        window, span = find_window(connection, shape, period, now)
        source = Source(
            connection,
            shape,
            window,
            span,
            filters,
            faction_name,
            top,
            is_indexed=has_our_indexes(connection),
        )
        return compute(source)


def resolve_window(db: TenantDatabase, period: Period, now: datetime) -> Window:
    """Return the window of a period; tick periods are looked up in the database.

    Raises
    ------
    DatabaseError
        If the database had to be read and could not be.
    """
    if not period.is_tick:
        from bot.periods import window_for

        return window_for(period, now)
    with db.read() as connection:
        return find_window(connection, db.shape, period, now)[0]
