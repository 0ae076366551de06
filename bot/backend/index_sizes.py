"""How much indexes will add to a database, from a sample of the rows they will hold.

How a row lies in an index is each engine's own; what is counted here is what
takes room: the values, what stands before them, and how full pages are made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend.errors import UnreadableText
from bot.backend.sqlite import SqliteFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.backend.engines import TenantDatabase
    from bot.backend.index_plans import IndexPlan

    Entry = tuple[Any, ...]

_SAMPLE = 900
_FEWEST = 100
"""With fewer rows among the ids that were tried, the rows are counted instead."""

_GOLDEN = (math.sqrt(5) - 1) / 2
_WHOLE_LIMIT = 2**31

_SQLITE_PAGE_HEAD, _SQLITE_CELL = 12, 2
_SQLITE_LONGEST_SHORT_TEXT, _SQLITE_LONGEST_SHORT_ENTRY = 57, 127
_SQLITE_WHOLE_BYTES = ((1 << 7, 1), (1 << 15, 2), (1 << 23, 3), (1 << 31, 4), (1 << 47, 6))

_PG_PAGE, _PG_LEAF_ROOM = 8192, 7333  # what is free of a page that is filled to nine tenths
_PG_TUPLE, _PG_NULLS, _PG_LINE, _PG_POINTER = 8, 4, 4, 6
_PG_LONGEST_SHORT_TEXT = 126
_PG_POSTING_LIST, _PG_POINTERS_IN_PAGE = 812, 150
_PG_DEDUPLICATES = (13,)

_INNODB_PAGE, _INNODB_LEAF_ROOM = 16384, 15200
_INNODB_RECORD, _INNODB_SINGLE_PAGES, _INNODB_EXTENT = 6, 32, 64
_INNODB_LONGEST_SHORT_TEXT = 127


@dataclass(frozen=True, slots=True)
class _Sample:
    """Some rows of an index to be, and how many there are in all."""

    count: int
    entries: Sequence[Entry]


def estimate(database: TenantDatabase, plans: Iterable[IndexPlan]) -> int:
    """Return about how many bytes indexes will take.

    Raises
    ------
    DatabaseError
        If the database cannot be read, or not in time.
    """
    plans = list(plans)
    try:
        return _estimate(database, plans)
    except UnreadableText:  # from now on it reads them
        return _estimate(database, plans)


def free_room(database: TenantDatabase) -> int:
    """Return how many bytes of an SQLite file are free for new rows; 0 for a server.

    Raises
    ------
    DatabaseError
        As `estimate`.
    """
    if not isinstance(database.location, SqliteFile):
        return 0
    with database.read() as connection:
        return _pragma(connection, "freelist_count") * _pragma(connection, "page_size")


def _estimate(database: TenantDatabase, plans: Iterable[IndexPlan]) -> int:
    with database.read() as connection:
        size_in = _of_engine(connection)
        return sum(size_in(plan, _sample(connection, plan)) for plan in plans)


def _of_engine(connection: sa.Connection) -> Callable[[IndexPlan, _Sample], int]:
    dialect = connection.dialect
    if dialect.name == "sqlite":
        page = _pragma(connection, "page_size")
        return lambda _, sample: _sqlite_size(sample, page)
    if dialect.name == "postgresql":
        can_fold = (dialect.server_version_info or ()) >= _PG_DEDUPLICATES
        return lambda plan, sample: _postgres_size(
            sample, folds=can_fold and plan.columns == plan.keys
        )
    return lambda plan, sample: _innodb_size(sample, has_id="id" in plan.columns)


def _pragma(connection: sa.Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def _sample(connection: sa.Connection, plan: IndexPlan) -> _Sample:
    """Read rows from all over a table, found by their ids.

    The ids that are tried lie evenly, but not at equal steps: clusters give out
    each third id only.
    """
    table = sa.table(plan.table, *map(sa.column, {"id", *plan.columns}))
    wanted = sa.select(*(table.c[name] for name in plan.columns))
    lowest, highest = connection.execute(
        sa.select(sa.func.min(table.c.id), sa.func.max(table.c.id))
    ).one()
    if isinstance(lowest, int) and isinstance(highest, int):
        span = highest - lowest + 1
        ids = {lowest + int(span * (number * _GOLDEN % 1)) for number in range(_SAMPLE)}
        if span <= _SAMPLE:
            ids = set(range(lowest, highest + 1))
        found = connection.execute(wanted.where(table.c.id.in_(sorted(ids)))).all()
        if span <= _SAMPLE or len(found) >= _FEWEST:
            return _Sample(round(len(found) * span / len(ids)), [tuple(row) for row in found])
    count = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    found = connection.execute(wanted.limit(_SAMPLE)).all()
    return _Sample(count, [tuple(row) for row in found])


def _sqlite_size(sample: _Sample, page: int) -> int:
    """Pages are filled to the brim; each needs a pointer to it, too."""
    if not sample.entries:
        return page
    total = sum(map(_sqlite_entry, sample.entries)) / len(sample.entries)
    entry = max(4, total) + _SQLITE_CELL
    per_page = max(1, (page - _SQLITE_PAGE_HEAD) // entry)
    return page * math.ceil(sample.count / per_page)


def _sqlite_entry(values: Entry) -> int:
    """The length, the types and the values, with the row's number at their end."""
    body, head = 4, 2
    for value in values:
        head += 1
        match value:
            case None:
                pass
            case int():
                body += _sqlite_whole(value)
            case float():
                body += 8
            case _:
                length = len(_bytes(value))
                head += length > _SQLITE_LONGEST_SHORT_TEXT
                body += length
    return body + head + (1 if body + head <= _SQLITE_LONGEST_SHORT_ENTRY else 2)


def _sqlite_whole(value: int) -> int:
    if value in (0, 1):
        return 0
    size = abs(value)
    return next((length for limit, length in _SQLITE_WHOLE_BYTES if size < limit), 8)


def _postgres_size(sample: _Sample, *, folds: bool) -> int:
    """Entries begin at each eighth byte; equal ones are folded into lists of rows."""
    if not sample.entries:
        return _PG_PAGE
    wholes = _whole_bytes(sample)
    total = sum(_postgres_entry(values, wholes) for values in sample.entries)
    entry = total / len(sample.entries)
    if folds:
        equal = sample.count / _kinds(sample)
        together = min(equal, (_PG_POSTING_LIST - entry) / _PG_POINTER)
        if together >= 2:  # two are what can be folded
            entry = (entry + _PG_POINTER * together) / together
    leaves = math.ceil(sample.count * entry / _PG_LEAF_ROOM)
    inner = math.ceil(leaves / _PG_POINTERS_IN_PAGE) if leaves > 1 else 0
    return _PG_PAGE * (1 + leaves + inner)


def _postgres_entry(values: Entry, wholes: Sequence[int]) -> int:
    size = _PG_TUPLE + (_PG_NULLS if None in values else 0)
    size = _up(size, 8)
    for value, whole in zip(values, wholes, strict=True):
        if value is None:
            continue
        if isinstance(value, str | bytes):
            length = len(_bytes(value))
            is_short = length <= _PG_LONGEST_SHORT_TEXT
            size = (size + 1 if is_short else _up(size, 4) + 4) + length
        else:
            size = _up(size, whole) + whole
    return _up(size, 8) + _PG_LINE


def _innodb_size(sample: _Sample, *, has_id: bool) -> int:
    """Behind a first few pages, room is taken by the megabyte."""
    if not sample.entries:
        return _INNODB_PAGE
    wholes = _whole_bytes(sample)
    total = sum(_innodb_entry(values, wholes) for values in sample.entries)
    entry = total / len(sample.entries) + (0 if has_id else 4)
    leaves = math.ceil(sample.count * entry / _INNODB_LEAF_ROOM)
    if leaves > _INNODB_SINGLE_PAGES:
        leaves = _INNODB_SINGLE_PAGES + _up(leaves - _INNODB_SINGLE_PAGES, _INNODB_EXTENT)
    return _INNODB_PAGE * (leaves + (1 if leaves > 1 else 0))


def _innodb_entry(values: Entry, wholes: Sequence[int]) -> int:
    size = _INNODB_RECORD
    for value, whole in zip(values, wholes, strict=True):
        if isinstance(value, str | bytes):
            length = len(_bytes(value))
            size += length + (1 if length <= _INNODB_LONGEST_SHORT_TEXT else 2)
        elif value is not None:
            size += whole
    return size


def _whole_bytes(sample: _Sample) -> list[int]:
    """How long the numbers of each column are, told by the greatest of them."""
    return [
        8 if any(isinstance(value, float) or abs(value) >= _WHOLE_LIMIT for value in numbers) else 4
        for numbers in (
            [value for value in column if isinstance(value, int | float)]
            for column in zip(*sample.entries, strict=True)
        )
    ]


def _kinds(sample: _Sample) -> float:
    """How many different entries there are in all, given how many the sample has."""
    size, seen = len(sample.entries), len(set(sample.entries))
    if seen == size:
        return float(sample.count)
    low, high = float(seen), float(max(seen, sample.count))
    while high - low > 1:
        middle = (low + high) / 2
        if middle * (1 - math.exp(-size / middle)) < seen:
            low = middle
        else:
            high = middle
    return high


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _up(size: int, step: int) -> int:
    return -(-size // step) * step
