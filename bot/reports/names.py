"""Which names a tenant's database has: what a filter of a report can be set to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import sqlalchemy as sa

from bot.backend import schema
from bot.backend.kept import execute_kept
from bot.reports import registry
from bot.reports.conflict_zones import GROUND_CZ, SPACE_CZ
from bot.reports.matching import text_of
from bot.reports.running import is_indexed, read_again_if_unreadable
from bot.reports.views import Bounds, View
from bot.reports.windows import joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, FromClause, Select

    from bot.backend.engines import TenantDatabase
    from bot.backend.shape import Shape
    from bot.reports.needs import Need

Kind = Literal["system", "cmdr", "settlement"]
KINDS: tuple[Kind, ...] = ("system", "cmdr", "settlement")

NEWEST_EVENTS = 100_000
"""How many events are looked at for a report that any event may count for.

Counting the names of a million events takes SQLite a second.
"""

_IN_EVENT: dict[Kind, str] = {"system": "starsystem", "cmdr": "cmdr"}
_DETAILS: dict[str, Need] = {"spacecz": SPACE_CZ, "groundcz": GROUND_CZ}


class Name(NamedTuple):
    """A name, as the database has it.

    Attributes
    ----------
    events
        How many events have it.
    beside
        What these events have of the other kinds that were asked for; '' for none.
    """

    text: str
    events: int
    beside: tuple[str, ...] = ()


def read_names(
    db: TenantDatabase,
    report: str,
    kind: Kind,
    others: tuple[Kind, ...] = (),
    *,
    limit: int,
    timeout: float | None = None,
) -> tuple[Name, ...]:
    """Return the names of a kind that events of a report have, each once.

    Those that most events have come first, then they go by code point. For
    ``daily`` the newest `NEWEST_EVENTS` events count.

    Parameters
    ----------
    db
        The tenant's database.
    report, kind
        Key of the report, and what is to be named.
    others
        Names are told apart by what their events have of these kinds, too;
        '' of those that the database does not have.
    limit
        The most names to return.
    timeout
        Seconds that the read may take, if fewer than the database's own limit.

    Returns
    -------
    tuple of Name
        None where the database lacks a table or column that is needed.

    Raises
    ------
    UnknownReportError
        If there is no such report.
    DatabaseError
        If the database cannot be read, or not in time.
    """
    registry.get(report)
    seconds = db.query_timeout if timeout is None else min(timeout, db.query_timeout)

    def attempt() -> list[Any]:
        with db.read(seconds) as connection:
            shape = db.shape
            if not _has(shape, report, kind):
                return []
            view = View.of(
                connection.dialect.name,
                shape,
                Bounds.NONE,
                is_indexed=is_indexed(db, connection),
            )
            statement = names_by_events(view, report, (kind, *others), limit)
            return list(execute_kept(connection, statement, {}).all())

    return _names(read_again_if_unreadable(attempt))[:limit]


@lru_cache(maxsize=128)
def names_by_events(view: View, report: str, kinds: tuple[Kind, ...], limit: int) -> Select[Any]:
    """Each name of the first kind and how many events have it, most first.

    NULL and empty names come along, so two rows more than asked for at the least.
    """
    rows, columns = _details(view, report, kinds) if report in _DETAILS else _events(view, kinds)
    events = sa.func.count()
    exact = [view.exact(column) for column in columns]
    return (
        sa.select(*map(view.plain, columns), events)
        .select_from(rows)
        .group_by(*exact)
        .order_by(events.desc(), *exact)
        .limit(limit + 2)
    )


def _details(
    view: View, report: str, kinds: tuple[Kind, ...]
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """Conflict zones joined to their events."""
    table = _DETAILS[report].table
    details, event = schema.metadata.tables[table], view.event
    columns = [
        view.text_of(event, _IN_EVENT[kind], of="event")
        if kind in _IN_EVENT
        else view.text(table, kind)
        for kind in kinds
    ]
    return joined(view, details, details.c.event_id, (event, event.c.id == details.c.event_id)), (
        columns
    )


def _events(view: View, kinds: tuple[Kind, ...]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """The newest events: ids grow as they arrive."""
    event = view.event
    newest = (
        sa.select(*(view.text_of(event, _IN_EVENT[kind], of="event").label(kind) for kind in kinds))
        .order_by(event.c.id.desc())
        .limit(NEWEST_EVENTS)
        .subquery("newest")
    )
    return newest, [newest.c[kind] for kind in kinds]


def _has(shape: Shape, report: str, kind: Kind) -> bool:
    if not shape.has("event", "id"):
        return False
    details = _DETAILS.get(report)
    if details is not None and not details.met(shape):
        return False
    if kind in _IN_EVENT:
        return shape.has("event", _IN_EVENT[kind])
    return details is GROUND_CZ and shape.has(GROUND_CZ.table, kind)


def _names(rows: Iterable[Any]) -> tuple[Name, ...]:
    """Rows as names; what differs in the database can be the same as text."""
    counts: dict[tuple[str, ...], int] = {}
    for *texts, events in rows:
        key = tuple(map(text_of, texts))
        if key[0]:
            counts[key] = counts.get(key, 0) + events
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(Name(key[0], events, key[1:]) for key, events in ordered)
