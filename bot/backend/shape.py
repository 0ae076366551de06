"""Which tables and columns a tenant's database has."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

_PG_WITHOUT_INDEX = ("v", "f")
_PG_RELATIONS = ("r", "p", "m", *_PG_WITHOUT_INDEX)


@dataclass(frozen=True, slots=True)
class Shape:
    """The tables and views of `bot.backend.schema` that a database has, and their columns.

    Attributes
    ----------
    tables
        Columns by table, by the names of the schema; what the database has
        beyond these tables is left out.
    views
        Which of them are views.
    columns
        All columns, as ``table.column``.
    """

    tables: Mapping[str, frozenset[str]]
    views: frozenset[str] = frozenset()
    columns: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        columns = frozenset(
            f"{table}.{name}" for table, names in self.tables.items() for name in names
        )
        object.__setattr__(self, "columns", columns)

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the database has a table or, with ``column``, a column of it."""
        if column is None:
            return table in self.tables
        return column in self.tables.get(table, frozenset())


def inspect_shape(connection: sa.Connection) -> Shape:
    """Return the shape of the database that a connection reads.

    SQLAlchemy's own reflection reads far more than names, and warns of types
    and views it does not understand, which can be anything in a stranger's
    database.
    """
    match connection.dialect.name:
        case "sqlite":
            columns = _sqlite_columns(connection)
        case "postgresql":
            columns = _postgres_columns(connection)
        case _:
            columns = _mysql_columns(connection)
    found: dict[str, set[str]] = {}
    views: set[str] = set()
    for table, column, is_view in columns:
        if table in metadata.tables:
            found.setdefault(table, set()).add(column)
            if is_view:
                views.add(table)
    return Shape({table: frozenset(names) for table, names in found.items()}, frozenset(views))


def _sqlite_columns(connection: sa.Connection) -> Iterable[tuple[str, str, bool]]:
    """SQLite finds tables and columns by name without regard to (ASCII) case."""
    master = sa.table("sqlite_master", sa.column("type"), sa.column("name"))
    names = sa.select(sa.func.lower(master.c.name)).where(master.c.type == "view")
    views = set(connection.execute(names).scalars())
    for table in metadata.tables:
        info = sa.func.pragma_table_xinfo(table).table_valued("name")
        try:
            columns = connection.execute(sa.select(info.c.name)).scalars().all()
        except sa.exc.OperationalError:  # a view on something that is gone
            logger.warning("The view %s cannot be read and counts as missing.", table)
            continue
        for name in columns:
            yield table, name.lower(), table in views


def _postgres_columns(connection: sa.Connection) -> Iterable[tuple[str, str, bool]]:
    """What a bare name means under the session's search path; case is exact."""
    relation = sa.table(
        "pg_class", *map(sa.column, ("oid", "relname", "relkind")), schema="pg_catalog"
    )
    attribute = sa.table(
        "pg_attribute",
        *map(sa.column, ("attrelid", "attname", "attnum", "attisdropped")),
        schema="pg_catalog",
    )
    statement = (
        sa.select(
            sa.cast(relation.c.relname, sa.Text),
            sa.cast(attribute.c.attname, sa.Text),
            relation.c.relkind.in_(_PG_WITHOUT_INDEX),
        )
        .join_from(relation, attribute, attribute.c.attrelid == relation.c.oid)
        .where(
            relation.c.relname.in_(list(metadata.tables)),
            relation.c.relkind.in_(_PG_RELATIONS),
            sa.func.pg_catalog.pg_table_is_visible(relation.c.oid),
            sa.func.pg_catalog.has_column_privilege(
                relation.c.oid, attribute.c.attnum, sa.literal("SELECT", sa.Text)
            ),
            attribute.c.attnum > 0,
            sa.not_(attribute.c.attisdropped),
        )
    )
    return [(table, column, is_view) for table, column, is_view in connection.execute(statement)]


def _mysql_columns(connection: sa.Connection) -> Iterable[tuple[str, str, bool]]:
    """Names of columns have no case; names of tables do, depending on the server."""
    columns = _information("columns", "table_schema", "table_name", "column_name")
    tables = _information("tables", "table_schema", "table_name", "table_type")
    folds = bool(connection.scalar(sa.select(sa.literal_column("@@lower_case_table_names"))))
    here = sa.func.database()
    of_views = sa.select(tables.table_name.label("name")).where(
        tables.table_schema == here, tables.table_type != "BASE TABLE"
    )
    views = set(connection.execute(of_views).scalars())
    statement = sa.select(
        columns.table_name.label("table_name"), columns.column_name.label("column_name")
    ).where(columns.table_schema == here)
    return [
        (table.lower() if folds else table, column.lower(), table in views)
        for table, column in connection.execute(statement)
    ]


def _information(view: str, *columns: str) -> Any:
    return sa.table(view, *map(sa.column, columns), schema="information_schema").c
