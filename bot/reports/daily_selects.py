"""The statements of the daily summary: parts joined to their events and summed.

All rows have one layout: the kind of work, the CMDR, a label, two sums, then
the columns that the view asks for. Rows without a CMDR come along and are
passed over by the reader.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.reports.daily_parts import PARTS, Part, Work
from bot.reports.views import Bounds, null_text
from bot.reports.windows import in_window_when_joined, joined, near_window

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select

    from bot.reports.views import View

_ONE, _ZERO = sa.literal(1), sa.literal(0)


@lru_cache(maxsize=64)
def work_by_cmdr(view: View, works: tuple[Work, ...]) -> tuple[sa.Executable, ...]:
    """What each CMDR did of each kind of work, as few statements as the engine takes well.

    SQLite has one loop per part, since it cannot join many rows at once.
    PostgreSQL joins all details in one go. MariaDB cannot unite columns of
    unlike collation.
    """
    if view.dialect == "postgresql" and works:
        return (_in_one_go(view, [PARTS[work](view) for work in _influence_at_once(works)]),)
    parts = [PARTS[work](view) for work in works]
    selects = [_part_by_cmdr(view, part) for part in parts]
    if view.dialect == "sqlite" and len(selects) > 1:
        return (sa.union_all(*selects),)
    return tuple(selects)


def _influence_at_once(works: tuple[Work, ...]) -> list[Work]:
    """The same works, with both kinds of influence as one where both are there."""
    both = {Work.INFLUENCE, Work.OLD_INFLUENCE}
    if not both.issubset(works):
        return list(works)
    return [work for work in works if work not in both] + [Work.ALL_INFLUENCE]


def _part_by_cmdr(view: View, part: Part) -> Select[Any]:
    """One part's rows, joined to their events and summed."""
    keys = {"cmdr": view.text_of(view.event, "cmdr", of="event"), **_keys_of_details(view, part)}
    keys |= _keys_of_events(view, view.event)
    columns = {name: view.plain(key) for name, key in keys.items() if key is not None}
    columns = {name: columns.get(name, null_text()) for name in keys}
    first, second = _figures(view, part)
    grouped = () if view.row_by_row else (key for key in keys.values() if key is not None)
    link = (view.event, view.event.c.id == part.event_id)
    return (
        sa.select(
            sa.literal(int(part.work)).label("work"),
            columns.pop("cmdr").label("cmdr"),
            columns.pop("name").label("name"),
            first.label("v1"),
            second.label("v2"),
            *(column.label(name) for name, column in columns.items()),
        )
        .select_from(joined(view, part.details, part.event_id, *part.links, link, *part.more))
        .where(
            *part.only, *near_window(view, part.event_id), *in_window_when_joined(view, view.event)
        )
        .group_by(*map(view.exact, grouped))
    )


def _in_one_go(view: View, parts: list[Part]) -> Select[Any]:
    """All parts' rows united, then joined to their events and summed."""
    details = sa.union_all(*(_details(view, part) for part in parts)).subquery("a")
    event = view.event.alias("e")
    keys = {"cmdr": view.text_of(event, "cmdr", of="event"), "name": details.c.name}
    if view.by_faction:
        keys |= {"faction": details.c.faction, "factions": details.c.factions}
    keys |= _keys_of_events(view, event)
    exact = {name: view.exact(key) for name, key in keys.items()}
    return (
        sa.select(
            details.c.work,
            exact["cmdr"].label("cmdr"),
            exact["name"].label("name"),
            sa.func.sum(details.c.v1).label("v1"),
            sa.func.sum(details.c.v2).label("v2"),
            *(key.label(name) for name, key in exact.items() if name not in ("cmdr", "name")),
        )
        .select_from(details.join(event, event.c.id == details.c.id))
        .where(*near_window(view, event.c.id), *in_window_when_joined(view, event))
        .group_by(details.c.work, *exact.values())
    )


def _details(view: View, part: Part) -> Select[Any]:
    """One part's rows, in the layout in which they are united."""
    keys = {
        name: null_text() if key is None else key
        for name, key in _keys_of_details(view, part).items()
    }
    figures = (*part.figures, *(_ONE, _ZERO)[len(part.figures) :])
    near = [] if part.is_near else near_window(view, part.event_id)
    return (
        sa.select(
            sa.literal(int(part.work)).label("work"),
            part.event_id.label("id"),
            figures[0].label("v1"),
            figures[1].label("v2"),
            *(key.label(name) for name, key in keys.items()),
        )
        .select_from(joined(view, part.details, part.event_id, *part.links, *part.more))
        .where(*part.only, *near)
    )


def _figures(view: View, part: Part) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Both sums of a part, or its bare numbers where Python is to add them up."""
    numbers = [view.whole(figure) for figure in part.figures]
    if view.row_by_row:
        defaults: list[ColumnElement[Any]] = [_ONE, _ZERO]
    else:
        numbers = [sa.func.sum(number) for number in numbers]
        defaults = [sa.func.count(), _ZERO]
    first, second = (*numbers, *defaults[len(numbers) :])
    return first, second


def _keys_of_details(view: View, part: Part) -> dict[str, ColumnElement[Any] | None]:
    keys = {"name": part.label}
    if view.by_faction:
        keys |= {"faction": part.faction, "factions": part.factions}
    return keys


def _keys_of_events(view: View, event: FromClause) -> dict[str, ColumnElement[Any]]:
    names = {"system": "starsystem"} if view.by_system else {}
    if view.bounds is Bounds.TICK:
        names |= {"ticktime": "ticktime", "timestamp": "timestamp"}
    return {name: view.text_of(event, column, of="event") for name, column in names.items()}
