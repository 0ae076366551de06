"""The rows that an added report reads: details with their events, in the window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.backend.kept import execute_kept
from bot.reports.matching import text_of
from bot.reports.needs import Need, lacking
from bot.reports.results import ListResult
from bot.reports.timestamps import newest_of
from bot.reports.views import Bounds
from bot.reports.windows import in_window_when_joined, joined, near_window, read_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement, Select

    from bot.reports.results import ListSection
    from bot.reports.source import Source
    from bot.reports.views import View

_EVENTS = Need("event", ("id",), ("cmdr",))
_OF_EVENTS = {
    "cmdr": "cmdr",
    "system": "starsystem",
    "timestamp": "timestamp",
    "ticktime": "ticktime",
}
_POINTER = "event_id"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of a table of details, and what its event says.

    Attributes
    ----------
    cmdr, system, timestamp
        Of the event; '' where it has none. Names are untrusted text.
    """

    cmdr: str
    system: str
    timestamp: str
    details: Mapping[str, Any]

    def text(self, column: str) -> str:
        """Return what a column of the details holds as text, '' for NULL."""
        return text_of(self.details[column])

    def number(self, column: str) -> int:
        """Return what a column of the details holds as a whole number, 0 for what is none."""
        try:
            return int(self.details[column] or 0)
        except (TypeError, ValueError, OverflowError):
            return 0


@dataclass(frozen=True, slots=True)
class EventRows:
    """What was read for a report: iterate over it, then call `result`."""

    source: Source
    rows: tuple[EventRow, ...]
    missing: tuple[str, ...]

    def __iter__(self) -> Iterator[EventRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def result(self, *sections: ListSection) -> ListResult:
        """Return the report: sections with rows, each cut to the top that was asked for."""
        shown = (replace(each, rows=each.rows[: self.source.top]) for each in sections)
        return ListResult(
            self.source.window,
            tuple(section for section in shown if section.rows),
            self.missing,
            newest_of([row.timestamp for row in self.rows], self.source.latest),
        )


def event_rows(source: Source, need: Need) -> EventRows:
    """Return the rows of a table whose events are in the window and pass the filters.

    Parameters
    ----------
    need
        What to read: a table of `bot.backend.schema` that points to events,
        and its columns. A filter by faction lets a row pass by any column of
        ``for_factions``.

    Raises
    ------
    ValueError
        If the backend has no such table or column, or it points to no event.
    """
    need = _checked(need)
    needs = (_EVENTS, *source.window_needs, *_for_systems(source), need)
    missing = lacking(needs, source.shape, by_faction=bool(source.filters.factions))
    if not (source.is_readable and need.met(source.shape)):
        return EventRows(source, (), missing)
    names = _columns(need)
    rows = (
        EventRow(
            text_of(row.event_cmdr),
            text_of(row.event_system),
            text_of(row.event_timestamp),
            {name: getattr(row, f"detail_{name}") for name in names},
        )
        for row in _read(source, need)
        if source.span is None or source.span.holds(row.event_ticktime, row.event_timestamp)
    )
    return EventRows(source, tuple(row for row in rows if _passes(source, need, row)), missing)


@lru_cache(maxsize=64)
def details_with_events(view: View, need: Need) -> Select[Any]:
    """The rows of a table whose events are in the window, with what is asked for of both."""
    details, event = schema.metadata.tables[need.table], schema.event
    link = event.c.id == details.c.event_id
    near = near_window(view, details.c.event_id) if view.is_indexed else []
    return (
        sa.select(
            *(view.text("event", name).label(f"event_{key}") for key, name in _OF_EVENTS.items()),
            *(_detail(view, details, name).label(f"detail_{name}") for name in _columns(need)),
        )
        .select_from(joined(view, details, details.c.event_id, (event, link)))
        .where(*near, *in_window_when_joined(view, event))
    )


def _detail(view: View, details: sa.Table, name: str) -> ColumnElement[Any]:
    if isinstance(details.c[name].type, sa.Integer) and view.has(details.name, name):
        return view.whole(details.c[name])
    return view.text(details.name, name)


def _read(source: Source, need: Need) -> Iterable[Any]:
    view, binds = source.view, source.binds
    if need.table not in schema.REPORT_COLUMNS:
        # Our indexes do not reach this table: it is gone through, once.
        view = replace(view, is_indexed=False)
    if view.bounds is Bounds.TIME and view.is_indexed:
        ids, _ = read_ids(source.connection, view, binds)
        if not ids:
            return ()
        binds |= ids
    return execute_kept(source.connection, details_with_events(view, need), binds)


def _passes(source: Source, need: Need, row: EventRow) -> bool:
    matcher = source.matcher
    if not (matcher.systems.match(row.system) and matcher.cmdrs.match(row.cmdr)):
        return False
    if not (matcher.factions and need.for_factions):
        return True
    return any(matcher.factions.match(row.details[name]) for name in need.for_factions)


def _columns(need: Need) -> tuple[str, ...]:
    names = (*need.required, *need.optional, *need.for_factions)
    return tuple(name for name in dict.fromkeys(names) if name != _POINTER)


def _for_systems(source: Source) -> Iterator[Need]:
    if source.filters.systems:
        yield Need("event", ("starsystem",))


def _checked(need: Need) -> Need:
    table = schema.metadata.tables.get(need.table)
    if table is None or _POINTER not in table.c:
        raise ValueError(f"the backend has no table {need.table!r} of details of events")
    unknown = [name for name in _columns(need) if name not in table.c]
    if unknown:
        raise ValueError(f"the backend's {need.table} has no column {', '.join(unknown)}")
    return replace(need, required=tuple(dict.fromkeys((_POINTER, *need.required))))
