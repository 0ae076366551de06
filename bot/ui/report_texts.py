"""What a report's reply says beside the report itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.periods import Period, window_for
from bot.rendering.phrases import GROUND
from bot.rendering.text import escape

if TYPE_CHECKING:
    from datetime import datetime

    from bot.periods import Window
    from bot.reports.filters import Filters
    from bot.ui.question import Question

_BY_WIDTH = (
    Period.THIS_WEEK,
    Period.LAST_WEEK,
    Period.THIS_MONTH,
    Period.LAST_MONTH,
    Period.LAST_TWO_MONTHS,
    Period.THIS_YEAR,
)
_NOTHING = {"spacecz": "No space CZs", GROUND: "No ground CZs"}


def filter_text(filters: Filters) -> str:
    """Return what a report is narrowed to, '' where it is not."""
    return ", ".join(f"{kind} {escape(name)}" for kind, name in filters.named())


def filter_line(filters: Filters) -> str | None:
    """Return the small line above a report that is narrowed to something."""
    text = filter_text(filters)
    return f"-# Only {text}" if text else None


def empty_text(question: Question, window: Window, now: datetime) -> str:
    """Return the friendly line for a report without anything in it."""
    nothing = _NOTHING.get(question.report, "Nothing to report")
    only = filter_text(question.filters)
    hints = []
    if (period := wider_period(window, now)) is not None:
        hints.append(f"try **{period.title}**")
    if only:
        hints.append("leave out a name")
    hint = ", or ".join(hints) or "fly safe, CMDR"
    place = f" for {only}" if only else ""
    return f"🌙 {nothing}{place} ({window.label}). {hint[0].upper()}{hint[1:]}."


def wider_period(window: Window, now: datetime) -> Period | None:
    """Return the shortest period that covers a window and more; None for all time.

    Parameters
    ----------
    now
        What "this week" and the others mean.
    """
    if window.period is Period.ALL_TIME:
        return None
    start, end = window.start, window.end
    if window.tick is not None:
        start = end = window.tick.time
    if start is None or end is None:
        return Period.ALL_TIME
    for period in _BY_WIDTH:
        other = window_for(period, now)
        if other.start is None or other.end is None:
            continue
        covers = other.start <= start and end <= other.end
        if covers and (other.start, other.end) != (start, end):
            return period
    return Period.ALL_TIME
