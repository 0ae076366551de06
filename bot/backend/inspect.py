"""Facts about a tenant's database for ``bgs-bot check``, whatever state it is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.backend import schema
from bot.backend.errors import DatabaseError
from bot.backend.indexes import missing, needed

if TYPE_CHECKING:
    from bot.backend.engines import TenantDatabase
    from bot.backend.index_plans import IndexPlan
    from bot.backend.shape import Shape

_STANDS_IN = {("commit_crime_event", "bounty"): "fine"}
"""Columns whose place an older one takes."""

_FORMER_TABLES = {("mission_completed_influence", "event_id")}
"""Columns without which a table is merely of the older form."""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What a check of one database found.

    Attributes
    ----------
    database
        The database as it may be shown.
    dialect
        ``sqlite``, ``postgresql``, ``mysql`` or ``mariadb``; '' if unreachable.
    is_reachable
        Whether it could be read at all.
    tables
        The tables that the reports read and the database has.
    missing_tables
        Those it lacks.
    missing_columns
        Columns that the reports read and its tables lack, as ``table.column``,
        unless an older form stands in for them.
    row_counts
        Rows by table; None where counting failed.
    indexes, missing_indexes
        The indexes that the reports need, present and missing.
    problems
        What is wrong, one sentence each.
    """

    database: str
    dialect: str = ""
    is_reachable: bool = False
    tables: tuple[str, ...] = ()
    missing_tables: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    row_counts: dict[str, int | None] = field(default_factory=dict)
    indexes: tuple[IndexPlan, ...] = ()
    missing_indexes: tuple[IndexPlan, ...] = ()
    problems: tuple[str, ...] = ()


def inspect_database(database: TenantDatabase) -> DatabaseFacts:
    """Return what can be found out; trouble is told in ``problems``, never raised."""
    shown = database.location.shown
    try:
        shape = database.shape
        dialect = database.dialect
    except DatabaseError as error:
        return DatabaseFacts(shown, problems=(str(error),))
    problems: list[str] = []
    missing_tables = tuple(name for name in schema.REPORT_COLUMNS if not shape.has(name))
    missing_columns = _missing_columns(shape)
    if not shape.has("event"):
        problems.append("it has no table event: is this the backend's database?")
    counts = {
        name: _number_of_rows(database, name, problems)
        for name in schema.REPORT_COLUMNS
        if shape.has(name)
    }
    present, lacking = _indexes(database, problems)
    return DatabaseFacts(
        shown,
        dialect,
        is_reachable=True,
        tables=tuple(counts),
        missing_tables=missing_tables,
        missing_columns=missing_columns,
        row_counts=counts,
        indexes=present,
        missing_indexes=lacking,
        problems=tuple(dict.fromkeys(problems)),
    )


def _missing_columns(shape: Shape) -> tuple[str, ...]:
    return tuple(
        f"{table}.{column}"
        for table, columns in schema.REPORT_COLUMNS.items()
        if shape.has(table)
        for column in columns
        if not shape.has(table, column)
        and (table, column) not in _FORMER_TABLES
        and not shape.has(table, _STANDS_IN.get((table, column), column))
    )


def _number_of_rows(database: TenantDatabase, table: str, problems: list[str]) -> int | None:
    statement = sa.select(sa.func.count()).select_from(schema.metadata.tables[table])
    try:
        with database.read() as connection:
            return connection.execute(statement).scalar_one()
    except DatabaseError as error:
        problems.append(str(error))
        return None


def _indexes(
    database: TenantDatabase, problems: list[str]
) -> tuple[tuple[IndexPlan, ...], tuple[IndexPlan, ...]]:
    try:
        wanted, lacking = needed(database), missing(database)
    except DatabaseError as error:
        problems.append(str(error))
        return (), ()
    return tuple(plan for plan in wanted if plan not in lacking), tuple(lacking)
