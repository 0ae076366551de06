"""Where one report is read from: a connection, the window and what narrows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.periods import Window, window_for
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.matching import Matcher, TickSpan
from bot.reports.needs import Need
from bot.reports.ticks import read_ticks, tick_window
from bot.reports.views import Bounds, View

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.backend.shape import Shape
    from bot.periods import Period

TICK_COLUMNS = Need("event", ("tickid", "ticktime"))
TIMESTAMPS = Need("event", ("timestamp",))

_ROUND_A_TICK = timedelta(days=1)
_AFTER_ALL = "A"
"""Sorts after every text that begins with a digit, in every collation.

Punctuation will not do: ``:`` follows 9 by its code point, but MariaDB's
``utf8mb4_unicode_ci`` and its kin sort it before 0.
"""


@dataclass(frozen=True)
class Source:
    """Everything a report is computed from.

    Attributes
    ----------
    connection
        A read-only connection to the tenant's database.
    shape
        The tables and columns that it has.
    window
        What the report covers, with its tick found.
    now
        When it is computed.
    span
        The times of that tick.
    is_indexed, row_by_row
        See `bot.reports.views.View`.
    tenant
        Id of the tenant, for the log.
    """

    connection: Connection
    shape: Shape
    window: Window
    now: datetime
    span: TickSpan | None = None
    filters: Filters = NO_FILTERS
    faction_name: str | None = None
    top: int | None = 5
    is_indexed: bool = False
    row_by_row: bool = False
    tenant: str | None = None

    @cached_property
    def matcher(self) -> Matcher:
        """What rows are held against."""
        return Matcher.of(self.filters, self.span)

    @cached_property
    def view(self) -> View:
        """What the selects look at."""
        return View.of(
            self.connection.dialect.name,
            self.shape,
            self.bounds,
            by_system=bool(self.filters.systems),
            by_faction=bool(self.filters.factions),
            is_indexed=self.is_indexed,
            row_by_row=self.row_by_row,
        )

    @property
    def bounds(self) -> Bounds:
        """How the window limits the events."""
        if self.window.period.is_tick:
            return Bounds.TICK
        return Bounds.NONE if self.window.start is None else Bounds.TIME

    @property
    def latest(self) -> datetime | None:
        """After which no event is the newest; None where the window sees to that."""
        return None if self.bounds is Bounds.TIME else self.now

    @property
    def binds(self) -> dict[str, Any]:
        """The values of the binds that the window's conditions have."""
        if self.span is not None:
            return _around(self.span)
        if self.window.start is None or self.window.end is None:
            return {}
        return {"start": _second(self.window.start), "end": _second(self.window.end)}

    @property
    def window_needs(self) -> tuple[Need, ...]:
        """What the window alone reads."""
        if self.bounds is Bounds.TICK:
            return (TICK_COLUMNS, TIMESTAMPS)
        return (TIMESTAMPS,)

    @property
    def is_readable(self) -> bool:
        """Whether the window can hold any event of this database at all."""
        has_events = self.shape.has("event", "id")
        if self.bounds is Bounds.TICK:
            return has_events and self.span is not None
        return has_events and (self.bounds is Bounds.NONE or self.shape.has("event", "timestamp"))


def find_window(
    connection: Connection, shape: Shape, period: Period, now: datetime
) -> tuple[Window, TickSpan | None]:
    """Return the window of a period, and the times of its tick where it has one."""
    window = window_for(period, now)
    if not period.is_tick:
        return window, None
    view = View.of(connection.dialect.name, shape, Bounds.NONE)
    return tick_window(period, read_ticks(connection, view, now))


def _second(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _around(span: TickSpan) -> dict[str, str]:
    """Dates that surely include the tick, whatever zone its times are written in."""
    try:
        start = (span.since - _ROUND_A_TICK).strftime("%Y-%m-%d")
        end = (span.until + 2 * _ROUND_A_TICK).strftime("%Y-%m-%d") if span.until else _AFTER_ALL
    except OverflowError:
        return {"start": "", "end": _AFTER_ALL}
    return {"start": start, "end": end}
