"""Periods a report can cover, and the windows of time they stand for.

Windows are half-open, ``[start, end)``, aware and in UTC. Nothing here reads
the clock: "now" is always an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self


class Period(StrEnum):
    """A period's code, as players and the old module write it."""

    TODAY = "cd"
    YESTERDAY = "ld"
    THIS_WEEK = "cw"
    LAST_WEEK = "lw"
    THIS_MONTH = "cm"
    LAST_MONTH = "lm"
    LAST_TWO_MONTHS = "2m"
    THIS_YEAR = "y"
    ALL_TIME = "all"
    THIS_TICK = "ct"
    LAST_TICK = "lt"

    @property
    def title(self) -> str:  # type: ignore[override]  # a period's name hides str.title on purpose
        """The plain name shown to players, such as ``Last week``."""
        return _TITLES[self]

    @property
    def is_tick(self) -> bool:
        """Whether the period selects by tick instead of by time."""
        return self in (Period.THIS_TICK, Period.LAST_TICK)

    @classmethod
    def parse(cls, code: str) -> Self:
        """Return the period of a code.

        Raises
        ------
        ValueError
            If there is no such code; the text names all codes.
        """
        try:
            return cls(code)
        except ValueError:
            known = ", ".join(f"{period.value} ({_TITLES[period]})" for period in cls)
            raise ValueError(f"unknown period {code!r}; use one of: {known}") from None


_TITLES = {
    Period.TODAY: "Today",
    Period.YESTERDAY: "Yesterday",
    Period.THIS_WEEK: "This week",
    Period.LAST_WEEK: "Last week",
    Period.THIS_MONTH: "This month",
    Period.LAST_MONTH: "Last month",
    Period.LAST_TWO_MONTHS: "Last two months",
    Period.THIS_YEAR: "This year",
    Period.ALL_TIME: "All time",
    Period.THIS_TICK: "This tick",
    Period.LAST_TICK: "Last tick",
}


@dataclass(frozen=True, slots=True)
class Tick:
    """One BGS tick: the id and UTC time of the first event of its run."""

    id: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """The span of a report.

    Attributes
    ----------
    period
        The period that was asked for.
    start, end
        Bounds ``[start, end)`` in UTC; both None for all time and for ticks.
    tick
        The tick, for tick periods; None where the database has no such tick.
    """

    period: Period
    start: datetime | None = None
    end: datetime | None = None
    tick: Tick | None = None

    @property
    def label(self) -> str:
        """The window as shown to players; the last day is inclusive."""
        if self.period.is_tick:
            if self.tick is None:
                return "No tick"
            return f"Tick of {self.tick.time:%Y-%m-%d %H:%M} UTC"
        if self.start is None or self.end is None:
            return "All time"
        first, last = self._days(self.start, self.end)
        return first if first == last else f"{first} to {last}"

    @property
    def classic_label(self) -> str:
        """The label in the old module's form: always two days, ``All Time``."""
        if self.period.is_tick:
            return self.label
        if self.start is None or self.end is None:
            return "All Time"
        return " to ".join(self._days(self.start, self.end))

    @property
    def key(self) -> str:
        """A stable text that is equal for equal windows, for the ledger."""
        if self.period.is_tick:
            return f"tick:{self.tick.id if self.tick else ''}"
        if self.start is None or self.end is None:
            return "all"
        return f"{iso_seconds(self.start)}/{iso_seconds(self.end)}"

    def is_over(self, now: datetime) -> bool:
        """Whether nothing that happens after ``now`` can fall into the window."""
        if self.period.is_tick:
            return self.period is Period.LAST_TICK
        return self.end is not None and self.end <= now

    @staticmethod
    def _days(start: datetime, end: datetime) -> tuple[str, str]:
        last = end - timedelta(microseconds=1)
        return start.date().isoformat(), last.date().isoformat()


def iso_seconds(moment: datetime) -> str:
    """Return a moment as ISO-8601 UTC text in whole seconds, ending in ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def window_for(period: Period, now: datetime) -> Window:
    """Return the window of a period at the moment ``now``.

    Tick periods come back without a tick: only the tenant's database knows
    its ticks.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    if period.is_tick or period is Period.ALL_TIME:
        return Window(period)
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = _bounds(period, day)
    return Window(period, start, end)


def _bounds(period: Period, day: datetime) -> tuple[datetime, datetime]:
    monday = day - timedelta(days=day.weekday())
    month = day.replace(day=1)
    week = timedelta(days=7)
    one = timedelta(days=1)
    match period:
        case Period.TODAY:
            return day, day + one
        case Period.YESTERDAY:
            return day - one, day
        case Period.THIS_WEEK:
            return monday, monday + week
        case Period.LAST_WEEK:
            return monday - week, monday
        case Period.THIS_MONTH:
            return month, _add_months(month, 1)
        case Period.LAST_MONTH:
            return _add_months(month, -1), month
        case Period.LAST_TWO_MONTHS:
            return _add_months(month, -2), month
        case Period.THIS_YEAR:
            year = month.replace(month=1)
            return year, year.replace(year=year.year + 1)
        case _:
            raise ValueError(f"{period.value} has no bounds in time")


def _add_months(first: datetime, months: int) -> datetime:
    index = first.year * 12 + first.month - 1 + months
    return first.replace(year=index // 12, month=index % 12 + 1)
