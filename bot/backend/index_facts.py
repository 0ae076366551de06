"""The indexes that a database has, and how long its texts may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.backend.schema import REPORT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TEXT_TYPES = frozenset(
    {"text", "tinytext", "mediumtext", "longtext", "varchar", "char", "character varying"}
    | {"character", "blob", "longblob"}
)
_PG_C_COLLATIONS = frozenset({"950", "951", "0"})  # "C", "POSIX", and a type without any


@dataclass(frozen=True, slots=True)
class ExistingIndex:
    """An index of a table.

    Attributes
    ----------
    columns
        What it holds, in order; None for an expression.
    keys
        The columns it is sorted by; None for one that is shortened, or
        sorted otherwise than the reports compare.
    values
        The columns that can be read from it alone.
    is_valid
        Whether it is finished and covers all rows.
    """

    name: str
    table: str
    columns: tuple[str | None, ...]
    keys: tuple[str | None, ...]
    values: frozenset[str]
    is_valid: bool = True

    def serves(self, table: str, keys: tuple[str, ...], values: Iterable[str]) -> bool:
        """Whether it does for an index on these keys that holds these values too."""
        return (
            self.is_valid
            and self.table == table
            and self.keys[: len(keys)] == keys
            and self.values.issuperset(values)
        )


@dataclass(frozen=True, slots=True)
class TextLength:
    """How long the texts of a column may be; None where nothing limits them."""

    characters: int | None
    octets: int | None


def existing_indexes(connection: sa.Connection) -> list[ExistingIndex]:
    """Return the indexes of the tables that the reports read."""
    match connection.dialect.name:
        case "sqlite":
            return _sqlite_indexes(connection)
        case "postgresql":
            return _postgres_indexes(connection)
        case _:
            return _mysql_indexes(connection)


def text_lengths(connection: sa.Connection) -> Mapping[tuple[str, str], TextLength]:
    """Return the length of each text column, by table and column; SQLite knows none."""
    if connection.dialect.name == "sqlite":
        return {}
    names = ("table_schema", "table_name", "column_name", "data_type")
    lengths = ("character_maximum_length", "character_octet_length")
    columns = sa.table(
        "columns", *map(sa.column, (*names, *lengths)), schema="information_schema"
    ).c
    if connection.dialect.name == "postgresql":
        here = columns.table_schema == sa.any_(sa.func.current_schemas(sa.false()))
    else:
        here = columns.table_schema == sa.func.database()
    wanted = [columns[name].label(name) for name in (*names[1:], *lengths)]
    found: dict[tuple[str, str], TextLength] = {}
    for table, column, kind, characters, octets in connection.execute(
        sa.select(*wanted).where(here, columns.table_name.in_(list(REPORT_COLUMNS)))
    ):
        if str(kind).lower() in _TEXT_TYPES:
            is_unlimited = str(kind).lower().endswith(("text", "blob"))
            found[str(table), str(column).lower()] = TextLength(
                None if is_unlimited else characters, None if is_unlimited else octets
            )
    return found


def _sqlite_indexes(connection: sa.Connection) -> list[ExistingIndex]:
    found = []
    for table in REPORT_COLUMNS:
        listed = sa.func.pragma_index_list(table).table_valued("name", "partial")
        for name, partial in connection.execute(sa.select(listed.c.name, listed.c.partial)).all():
            info = sa.func.pragma_index_xinfo(name).table_valued("seqno", "name", "coll", "key")
            rows = connection.execute(
                sa.select(info.c.name, info.c.coll, info.c.key).order_by(info.c.seqno)
            ).all()
            keys = tuple(
                column.lower() if column and collation == "BINARY" else None
                for column, collation, is_key in rows
                if is_key
            )
            columns = tuple(column and column.lower() for column, _, is_key in rows if is_key)
            values = frozenset(column for column in columns if column) | {"id"}
            found.append(ExistingIndex(name, table, columns, keys, values, not partial))
    return found


def _postgres_indexes(connection: sa.Connection) -> list[ExistingIndex]:
    index = sa.table(
        "pg_index",
        *map(sa.column, ("indexrelid", "indrelid", "indkey", "indcollation", "indnkeyatts")),
        *map(sa.column, ("indisvalid", "indpred")),
        schema="pg_catalog",
    )
    relation = sa.table("pg_class", *map(sa.column, ("oid", "relname")), schema="pg_catalog")
    own, owner = relation.alias("own"), relation.alias("owner")
    statement = (
        sa.select(
            sa.cast(own.c.relname, sa.Text),
            sa.cast(owner.c.relname, sa.Text),
            sa.cast(index.c.indrelid, sa.BigInteger),
            sa.cast(index.c.indkey, sa.Text),
            sa.cast(index.c.indcollation, sa.Text),
            index.c.indnkeyatts,
            sa.and_(index.c.indisvalid, index.c.indpred.is_(None)),
        )
        .join_from(index, own, own.c.oid == index.c.indexrelid)
        .join(owner, owner.c.oid == index.c.indrelid)
        .where(
            owner.c.relname.in_(list(REPORT_COLUMNS)),
            sa.func.pg_catalog.pg_table_is_visible(owner.c.oid),
        )
    )
    found = []
    for name, table, oid, numbers, collations, key_count, is_valid in connection.execute(
        statement
    ).all():
        names = _postgres_names(connection, oid)
        columns = tuple(names.get(number) for number in numbers.split())
        keys = tuple(
            column if collation in _PG_C_COLLATIONS else None
            for column, collation in zip(columns[:key_count], collations.split(), strict=False)
        )
        values = frozenset(column for column in columns if column)
        found.append(ExistingIndex(name, table, columns, keys, values, is_valid))
    return found


def _postgres_names(connection: sa.Connection, oid: int) -> dict[str, str]:
    attribute = sa.table(
        "pg_attribute", *map(sa.column, ("attrelid", "attname", "attnum")), schema="pg_catalog"
    ).c
    statement = sa.select(attribute.attnum, sa.cast(attribute.attname, sa.Text)).where(
        attribute.attrelid == oid
    )
    return {str(number): name for number, name in connection.execute(statement)}


def _mysql_indexes(connection: sa.Connection) -> list[ExistingIndex]:
    names = ("table_schema", "table_name", "index_name", "seq_in_index", "column_name", "sub_part")
    statistics = sa.table("statistics", *map(sa.column, names), schema="information_schema").c
    statement = (
        sa.select(*(statistics[name].label(name) for name in names[1:]))
        .where(
            statistics.table_schema == sa.func.database(),
            statistics.table_name.in_(list(REPORT_COLUMNS)),
        )
        .order_by(statistics.table_name, statistics.index_name, statistics.seq_in_index)
    )
    parts: dict[tuple[str, str], list[tuple[str | None, bool]]] = {}
    for table, index, _, column, length in connection.execute(statement):
        name = column.lower() if column is not None else None
        parts.setdefault((table, index), []).append((name, length is None))
    return [
        ExistingIndex(
            index,
            table,
            tuple(name for name, _ in columns),
            tuple(name if is_whole else None for name, is_whole in columns),
            frozenset(name for name, is_whole in columns if name and is_whole) | {"id"},
        )
        for (table, index), columns in parts.items()
    ]
