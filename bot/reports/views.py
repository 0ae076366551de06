"""What a report's selects look at: the columns there are, the window, the extra keys.

A view is a plain value, so that statements are built once and kept. What the
engines do differently is here and in `bot.reports.windows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.reports.event_index import event_by_index

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from bot.backend.shape import Shape

_CODE_POINT_ORDER = {"sqlite": "BINARY", "postgresql": "C"}


class Bounds(Enum):
    """How the window limits the events that are read."""

    NONE = "none"
    TIME = "time"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class View:
    """What selects are built from; equal views give equal statements.

    Attributes
    ----------
    dialect
        Name of the engine's dialect.
    columns
        The columns there are, as ``table.column``.
    bounds
        How events are limited: binds ``start`` and ``end`` for time, and the same
        as dates around the tick for a tick.
    by_system, by_faction
        Whether rows are also told apart by star system, or by the faction the
        work was for, so that a filter can be applied to them.
    is_indexed
        Whether `event` has the indexes of ``bgs-bot index``.
    row_by_row
        Whether sums are left to Python, since SQLite's end at 64 bits.
    """

    dialect: str
    columns: frozenset[str]
    bounds: Bounds = Bounds.NONE
    by_system: bool = False
    by_faction: bool = False
    is_indexed: bool = False
    row_by_row: bool = False

    @classmethod
    def of(
        cls,
        dialect: str,
        shape: Shape,
        bounds: Bounds,
        *,
        by_system: bool = False,
        by_faction: bool = False,
        is_indexed: bool = False,
        row_by_row: bool = False,
    ) -> View:
        """Return the view of a database of this shape."""
        return cls(dialect, shape.columns, bounds, by_system, by_faction, is_indexed, row_by_row)

    def has(self, table: str, column: str) -> bool:
        """Whether the database has this column."""
        return f"{table}.{column}" in self.columns

    @property
    def event(self) -> FromClause:
        """The table of events, read from the narrow index where there is one."""
        narrow = self.is_indexed and self.dialect == "sqlite" and self.bounds is not Bounds.TICK
        return event_by_index if narrow else schema.event

    @property
    def has_id_ranges(self) -> bool:
        """Whether details are found by ranges of ids (`bot.reports.windows`)."""
        return self.is_indexed and self.dialect == "sqlite" and self.bounds is Bounds.TIME

    def text(self, table: str, column: str) -> ColumnElement[Any]:
        """A text column, or NULL where the database lacks it."""
        return self.text_of(schema.metadata.tables[table], column, of=table)

    def text_of(self, rows: FromClause, column: str, *, of: str) -> ColumnElement[Any]:
        """A text column of a table under another name, or NULL where the database lacks it."""
        if self.has(of, column):
            found: ColumnElement[Any] = rows.c[column]
            return found
        return null_text()

    def exact(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """A text that is compared and grouped by its code points.

        MariaDB's default collation merges ``Ada`` and ``ADA``, and every one of
        its padding collations ``Ada`` and ``Ada ``: there the bytes are compared.
        """
        collation = _CODE_POINT_ORDER.get(self.dialect)
        if collation is None:
            return sa.type_coerce(sa.cast(text, sa.LargeBinary), sa.String)
        return sa.collate(text, collation)

    def same(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """A text to be compared for equality; only MariaDB takes unlike ones for equal."""
        return text if self.dialect in _CODE_POINT_ORDER else self.exact(text)

    def plain(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """A text that is grouped by `exact`, in a form that comes back as text."""
        if self.dialect in _CODE_POINT_ORDER:
            return self.exact(text)
        return sa.func.min(text)

    def whole(self, number: ColumnElement[Any]) -> ColumnElement[Any]:
        """A number to be summed; SQLite keeps any text in a number's column."""
        return sa.cast(number, sa.BigInteger) if self.dialect == "sqlite" else number

    def in_window(self, event: FromClause) -> list[ColumnElement[bool]]:
        """The window's conditions on events.

        For a tick they let in too much (`bot.reports.matching` is exact): a day
        more on either side, since texts of times do not sort as times do.
        """
        if self.bounds is Bounds.NONE:
            return []
        timestamp = self.text_of(event, "timestamp", of="event")
        if self.bounds is Bounds.TIME:
            return [*self._between(timestamp), *self._between_bytes(timestamp)]
        ticktime = self.text_of(event, "ticktime", of="event")
        either = sa.or_(sa.and_(*self._between(ticktime)), sa.and_(*self._between(timestamp)))
        return [either]

    def _between(self, text: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        if self.dialect == "postgresql":
            text = sa.collate(text, "C")
        start, end = (sa.bindparam(name, type_=sa.String) for name in ("start", "end"))
        return [text >= start, text < end]

    def _between_bytes(self, text: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        if self.dialect in _CODE_POINT_ORDER:
            return []
        return self._between(self.exact(text))


def null_text() -> ColumnElement[Any]:
    """NULL as a text, for a column that is not there."""
    return sa.cast(sa.null(), sa.Text)
