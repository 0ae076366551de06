"""Which indexes the reports need, given what a database has.

All that is known about them is in `INDEXES`; the rest adapts it to an engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend.index_facts import TextLength

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.backend.shape import Shape

PREFIX = "ix_bgsbot_"
"""All indexes with this prefix are ours, and no others."""

_PG_LONGEST_TEXT = 256  # a row of an index is limited to 2,700 bytes, or writing fails
_MYSQL_KEY_BYTES = 3072
_MYSQL_PREFIX = 64
_MYSQL_NUMBER_BYTES = 8


SERVERS = ("postgresql", "mysql", "mariadb")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An index the reports want.

    Attributes
    ----------
    what
        The last part of its name.
    keys
        Columns by which rows are found; all must exist.
    values
        Further columns that are then read from the index alone; those that
        exist. SQLite and InnoDB keep the ``id`` in every index anyway.
    engines
        The engines that it is of use to.
    """

    table: str
    what: str
    keys: tuple[str, ...]
    values: tuple[str, ...] = ()
    engines: tuple[str, ...] = (*SERVERS, "sqlite")


INDEXES = (
    Wanted("event", "window", ("timestamp",), ("id", "cmdr", "starsystem"), SERVERS),
    Wanted("event", "window", ("timestamp",), (), ("sqlite",)),
    # SQLite looks up ids in it instead of in the wide table (bot.reports.event_index).
    Wanted("event", "lookup", ("id",), ("timestamp", "cmdr", "starsystem"), ("sqlite",)),
    Wanted("event", "tick", ("tickid", "ticktime")),
    Wanted("market_buy_event", "event", ("event_id",), ("value", "count")),
    Wanted("market_sell_event", "event", ("event_id",), ("value", "count")),
    Wanted("mission_completed_event", "event", ("event_id",), ("id",)),
    Wanted(
        "mission_completed_influence",
        "mission",
        ("mission_id",),
        ("event_id", "faction_name", "influence", "trend"),
    ),
    Wanted("redeem_voucher_event", "event", ("event_id",), ("type", "amount")),
    Wanted("sell_exploration_data_event", "event", ("event_id",), ("earnings",)),
    Wanted("multi_sell_exploration_data_event", "event", ("event_id",), ("total_earnings",)),
    Wanted("commit_crime_event", "event", ("event_id",), ("bounty", "fine")),
    Wanted("synthetic_cz", "event", ("event_id",), ("cz_type",)),
    Wanted("synthetic_ground_cz", "event", ("event_id",), ("cz_type", "settlement")),
)


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """An index as it is made in one database.

    Attributes
    ----------
    columns
        What it holds, keys first.
    sql
        The statement that makes it.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    sql: str
    keys: tuple[str, ...]


def plan_indexes(
    dialect: sa.Dialect, shape: Shape, lengths: Mapping[tuple[str, str], TextLength]
) -> list[IndexPlan]:
    """Return the indexes that the reports need in a database of this shape."""
    return [
        _plan(wanted, dialect, shape, lengths)
        for wanted in INDEXES
        if dialect.name in wanted.engines
        and wanted.table not in shape.views
        and all(shape.has(wanted.table, key) for key in wanted.keys)
    ]


def _plan(
    wanted: Wanted,
    dialect: sa.Dialect,
    shape: Shape,
    lengths: Mapping[tuple[str, str], TextLength],
) -> IndexPlan:
    values = [value for value in wanted.values if shape.has(wanted.table, value)]
    texts = {
        column: lengths[wanted.table, column]
        for column in (*wanted.keys, *values)
        if (wanted.table, column) in lengths
    }
    columns: dict[str, sa.Column[Any]] = {name: sa.Column(name) for name in (*wanted.keys, *values)}
    sa.Table(wanted.table, sa.MetaData(), *columns.values())
    name = f"{PREFIX}{wanted.table}_{wanted.what}"
    options: dict[str, Any] = {}
    if dialect.name == "postgresql":
        values = [value for value in values if _fits_postgres(texts, value)]
        keys = [
            sa.collate(columns[key], "C") if key in texts else columns[key] for key in wanted.keys
        ]
        options = {"postgresql_include": values, "postgresql_concurrently": True}
    else:
        values = [value for value in values if value != "id"]
        if dialect.name in ("mysql", "mariadb"):
            values, options["mysql_length"] = _fit_mysql(wanted.keys, values, texts)
        keys = [columns[column] for column in (*wanted.keys, *values)]
    index = sa.Index(name, *keys, **options)
    sql = str(sa.schema.CreateIndex(index).compile(dialect=dialect)).strip()
    return IndexPlan(name, wanted.table, (*wanted.keys, *values), sql, wanted.keys)


def _fits_postgres(texts: Mapping[str, TextLength], column: str) -> bool:
    if column not in texts:
        return True
    characters = texts[column].characters
    return characters is not None and characters <= _PG_LONGEST_TEXT


def _fit_mysql(
    keys: tuple[str, ...], values: list[str], texts: Mapping[str, TextLength]
) -> tuple[list[str], dict[str, int]]:
    """Return the values for which there is room, and the lengths of shortened keys."""
    prefixes: dict[str, int] = {}
    left = _MYSQL_KEY_BYTES
    for key in keys:
        octets = texts.get(key, TextLength(None, _MYSQL_NUMBER_BYTES)).octets
        if octets is None or octets > _MYSQL_KEY_BYTES // 2:
            prefixes[key] = _MYSQL_PREFIX
            octets = 4 * _MYSQL_PREFIX
        left -= octets
    fitting = []
    for value in values:
        octets = texts.get(value, TextLength(None, _MYSQL_NUMBER_BYTES)).octets
        if octets is not None and octets <= left:
            fitting.append(value)
            left -= octets
    return fitting, prefixes
