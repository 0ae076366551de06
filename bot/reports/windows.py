"""Which ids a window of time has: details are read by them, without their events.

Ids grow as events arrive, and clients send late: almost all ids of a day lie
close together and a few far behind. Where `event` is indexed by time, the
details of the close ones are read as one range and the few one by one;
elsewhere between the smallest and the largest.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.backend.kept import execute_kept
from bot.reports.event_index import join_in_order, rarely
from bot.reports.matching import text_of
from bot.reports.views import Bounds

if TYPE_CHECKING:
    from sqlalchemy import CTE, ColumnElement, Connection, FromClause, Select

    from bot.reports.views import View

_SAMPLE = 9

LOW = sa.bindparam("low", type_=sa.Integer)
HIGH = sa.bindparam("high", type_=sa.Integer)


@lru_cache(maxsize=64)
def first_and_last_events(view: View) -> Any:
    """Ids and timestamps of some events at either edge of the window."""
    event = schema.event.c
    edges = [
        sa.select(event.id, event.timestamp)
        .where(*view.in_window(schema.event))
        .order_by(order)
        .limit(_SAMPLE)
        .subquery()
        for order in (event.timestamp.asc(), event.timestamp.desc())
    ]
    return sa.union_all(*(sa.select(edge, sa.literal(n)) for n, edge in enumerate(edges)))


@lru_cache(maxsize=64)
def smallest_and_largest_id(view: View) -> Select[Any]:
    """The ids between which all events of the window lie, and the newest timestamp."""
    event = schema.event.c
    # An id that is computed: else its index is walked until the window is met.
    ids = event.id + 0 if view.dialect == "postgresql" else event.id
    return sa.select(sa.func.min(ids), sa.func.max(ids), sa.func.max(event.timestamp)).where(
        *view.in_window(schema.event)
    )


def read_ids(
    connection: Connection, view: View, binds: dict[str, Any]
) -> tuple[dict[str, Any], str | None]:
    """Return the binds ``low`` and ``high`` of a window, and its newest timestamp.

    Returns
    -------
    tuple
        No binds and None where no event is in the window.
    """
    if not view.has_id_ranges:
        low, high, newest = execute_kept(connection, smallest_and_largest_id(view), binds).one()
        return ({"low": low, "high": high}, text_of(newest)) if low is not None else ({}, None)
    edges = execute_kept(connection, first_and_last_events(view), binds).all()
    if not edges:
        return {}, None
    low, high = (_middle([row[0] for row in edges if row[2] == edge]) for edge in (0, 1))
    return {"low": low, "high": high}, max(text_of(row[1]) for row in edges)


@lru_cache(maxsize=64)
def id_ranges(view: View) -> CTE:
    """Ranges of ids that hold all events of the window: the wide one, then single ones."""
    event = schema.event.c
    wide = sa.select(LOW.label("first_id"), HIGH.label("last_id"))
    late = sa.select(event.id, event.id).where(
        *view.in_window(schema.event), rarely(sa.or_(event.id < LOW, event.id > HIGH))
    )
    return sa.union_all(wide, late).cte("ids")


def joined(
    view: View,
    details: FromClause,
    event_id: ColumnElement[Any],
    *links: tuple[FromClause, ColumnElement[bool]],
) -> FromClause:
    """Details joined to further tables, in the order in which SQLite is to read them.

    Parameters
    ----------
    details
        The table to begin with; by `id_ranges`, where these are of use.
    event_id
        What of it points to the window's events.
    links
        Tables and how they are joined.
    """
    rows = details
    if view.has_id_ranges:
        ids = id_ranges(view)
        inside = rarely(event_id >= ids.c.first_id), rarely(event_id <= ids.c.last_id)
        rows = join_in_order(ids, details, sa.and_(*inside))
    for table, on in links:
        rows = join_in_order(rows, table, on) if view.dialect == "sqlite" else rows.join(table, on)
    return rows


def in_window_when_joined(view: View, event: FromClause) -> list[ColumnElement[bool]]:
    """The window's conditions on events that are joined to details.

    PostgreSQL expects a handful of events between two texts, whatever the texts,
    and then goes through all details for each. Of what stands in a coalesce it
    expects half, and hashes.
    """
    conditions = view.in_window(event)
    if not conditions or view.dialect != "postgresql":
        return conditions
    return [sa.func.coalesce(sa.and_(*conditions), sa.false())]


def near_window(view: View, event_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Conditions that an id lies between the smallest and the largest of the window."""
    if view.bounds is not Bounds.TIME or view.has_id_ranges:
        return []
    return [event_id.between(LOW, HIGH)]


def _middle(ids: list[int]) -> int:
    return sorted(ids)[len(ids) // 2]
