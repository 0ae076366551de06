"""Computing a report from a tenant's database."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet

from bot.backend.errors import DatabaseFailed, UnreadableText
from bot.reports import registry
from bot.reports.event_index import has_our_indexes
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.source import Source, find_window

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.backend.engines import TenantDatabase
    from bot.periods import Period, Window
    from bot.reports.results import Result

T = TypeVar("T")

_indexed: WeakSet[TenantDatabase] = WeakSet()
"""Servers' databases on which our index was seen."""

_OVERFLOW = "integer overflow"
"""What SQLite says of a sum beyond 64 bits."""


def run(
    db: TenantDatabase,
    report: str,
    period: Period,
    now: datetime,
    *,
    faction_name: str | None = None,
    filters: Filters = NO_FILTERS,
    top: int | None = 5,
    tenant: str | None = None,
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
    tenant
        Id of the tenant, for the log.

    Raises
    ------
    UnknownReportError
        If there is no such report.
    DatabaseError
        If the database cannot be read, or not in time.
    """
    compute = registry.get(report).compute
    shape = db.shape

    def attempt(*, row_by_row: bool = False) -> Result:
        with db.read() as connection:
            window, span = find_window(connection, shape, period, now)
            source = Source(
                connection,
                shape,
                window,
                now,
                span,
                filters,
                faction_name,
                top,
                is_indexed=is_indexed(db, connection),
                row_by_row=row_by_row,
                tenant=tenant,
            )
            return compute(source)

    try:
        return read_again_if_unreadable(attempt)
    except DatabaseFailed as error:
        if _OVERFLOW not in error.reason:
            raise
    return read_again_if_unreadable(partial(attempt, row_by_row=True))


def is_indexed(db: TenantDatabase, connection: Connection) -> bool:
    """Whether our index is there; on a server, once seen it is taken to stay.

    There it only decides which way is the faster one. SQLite refuses a statement
    that names an index it has not.
    """
    if db in _indexed:
        return True
    found = has_our_indexes(connection)
    if found and connection.dialect.name != "sqlite":
        _indexed.add(db)
    return found


def read_again_if_unreadable(attempt: Callable[[], T]) -> T:
    """Text that is no UTF-8 fails once; from then on the file is opened leniently."""
    try:
        return attempt()
    except UnreadableText:
        return attempt()


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
    shape = db.shape

    def attempt() -> Window:
        with db.read() as connection:
            return find_window(connection, shape, period, now)[0]

    return read_again_if_unreadable(attempt)
