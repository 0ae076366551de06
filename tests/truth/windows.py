"""Which events a period takes in: days of the calendar, and runs of a tick."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.truth.rows import when

if TYPE_CHECKING:
    from tests.truth.question import Question
    from tests.truth.rows import Answer, Chosen, Row, Rows

FORCED = re.compile(r"frc-|000000")


def window_of(rows: Rows, question: Question) -> tuple[Answer, Chosen]:
    """The window as JSON has it, and whether an event is in it."""
    if question.code in ("ct", "lt"):
        return _tick_window(rows, question)
    first, last = days(question.code, question.now)
    if first is None or last is None:
        bare: Answer = {"code": "all", "start": None, "end": None, "label": "All time"}
        return bare, lambda event: True
    after = last + timedelta(days=1)
    label = f"{first}" if first == last else f"{first} to {last}"
    shown = {
        "code": question.code,
        "start": f"{first}T00:00:00Z",
        "end": f"{after}T00:00:00Z",
        "label": label,
    }

    def holds(event: Row) -> bool:
        moment = when(event["timestamp"])
        return moment is not None and first <= moment.date() <= last

    return shown, holds


def _tick_window(rows: Rows, question: Question) -> tuple[Answer, Chosen]:
    runs = _ticks(rows, question.now)
    place = len(runs) - (1 if question.code == "ct" else 2)
    if place < 0:
        none: Answer = {"code": question.code, "start": None, "end": None, "label": "No tick"}
        return none, lambda event: False
    start, key = runs[place]
    shown: Answer = {
        "code": question.code,
        "start": None,
        "end": None,
        "label": f"Tick of {start.strftime('%Y-%m-%d %H:%M')} UTC",
        "tick": {"id": key, "time": start.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }

    def holds(event: Row) -> bool:
        moment = when(event["ticktime"]) or when(event["timestamp"])
        if moment is None:
            return False
        not_later = [number for number, run in enumerate(runs) if run[0] <= moment]
        return bool(not_later) and not_later[-1] == place

    return shown, holds


def _ticks(rows: Rows, now: datetime) -> list[tuple[datetime, str]]:
    have = rows.tables.get("event", frozenset())
    if not {"tickid", "ticktime"} <= have:
        return []
    first_of: dict[str, datetime] = {}
    for row in rows.rows["event"]:
        key, time = row.get("tickid"), when(row.get("ticktime"))
        if key and key != "unknown_tickid" and time:
            first_of[key] = min(time, first_of.get(key, time))
    natural = {key: time for key, time in first_of.items() if not FORCED.match(key)}
    runs: list[tuple[datetime, str]] = []
    for key, time in sorted((natural or first_of).items(), key=lambda item: (item[1], item[0])):
        if not runs or time - runs[-1][0] >= timedelta(hours=3):
            runs.append((time, key))
    return [run for run in runs if run[0] <= now]


def days(code: str, now: datetime) -> tuple[date | None, date | None]:
    """The first and the last day of a period, both inclusive."""
    today = now.astimezone(UTC).date()
    monday = today - timedelta(days=today.weekday())
    year, month = today.year, today.month
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    second = (before[0], before[1] - 1) if before[1] > 1 else (before[0] - 1, 12)
    whole = {
        "cd": (today, today),
        "ld": (today - timedelta(days=1),) * 2,
        "cw": (monday, monday + timedelta(days=6)),
        "lw": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "cm": (date(year, month, 1), month_end(year, month)),
        "lm": (date(*before, 1), month_end(*before)),
        "2m": (date(*second, 1), month_end(*before)),
        "y": (date(year, 1, 1), date(year, 12, 31)),
        "all": (None, None),
    }
    return whole[code]


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])
