"""What SQLite has to be told: the order of its loops, and the index for `event`.

A row of `event` holds its raw_json, so that ids that follow one another fill a
page of the file with a handful. SQLite looks up an id in the table itself
whatever indexes there are, unless a statement names one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from bot.backend import schema

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, Select
    from sqlalchemy.sql.compiler import SQLCompiler

LOOKUP = "ix_bgsbot_event_lookup"
WINDOW = "ix_bgsbot_event_window"

_IS_INDEXED = "bgsbot_is_indexed"
_COLUMNS = ("id", "timestamp", "cmdr", "starsystem")
_master = sa.table("sqlite_master", sa.column("type"), sa.column("name"))
_relations = sa.table("pg_class", sa.column("oid"), sa.column("relname"), schema="pg_catalog")


class _ByIndex(sa.TableClause):
    """`event`, with the index that it is to be read from."""

    inherit_cache = True


@compiles(_ByIndex)
def _render(element: _ByIndex, compiler: SQLCompiler, **options: Any) -> str:
    table: str = compiler.visit_table(element, **options)  # type: ignore[no-untyped-call]
    return f"{table} INDEXED BY {LOOKUP}" if options.get("asfrom") else table


class _InThisOrder(sa.sql.selectable.Join):
    """A join whose left side is the outer loop."""

    inherit_cache = True


@compiles(_InThisOrder)
def _render_join(element: _InThisOrder, compiler: SQLCompiler, **options: Any) -> str:
    options["asfrom"] = True
    left = compiler.process(element.left, **options)
    right = compiler.process(element.right, **options)
    options["asfrom"] = False
    condition = compiler.process(_on(element), **options)
    return f"{left} CROSS JOIN {right} ON {condition}"


def _on(element: _InThisOrder) -> ColumnElement[bool]:
    if element.onclause is None:
        raise ValueError("a join in order needs its condition")
    return element.onclause


def join_in_order(left: FromClause, right: FromClause, on: ColumnElement[bool]) -> FromClause:
    """Join so that SQLite goes through the left side and looks up the right one."""
    return _InThisOrder(left, right, on)


class _Rarely(sa.FunctionElement[int]):
    """`likelihood`, whose share must be a constant of the statement."""

    name = "likelihood"
    type = sa.Integer()  # as a truth value it would be compared with 1, and no index be used
    inherit_cache = True


@compiles(_Rarely)
def _render_rarely(element: _Rarely, compiler: SQLCompiler, **options: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **options)}, 0.001)"


def rarely(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    """A condition that SQLite knows to be true for few rows.

    Where it has statistics it would else expect so many that it first reads a
    whole table to make a filter of its ids.
    """
    return _Rarely(condition)


event_by_index = _ByIndex(
    "event", *(sa.column(name, schema.event.c[name].type) for name in _COLUMNS)
)


def has_our_indexes(connection: Connection) -> bool:
    """Whether the database has the index on `event` that the reports' plan depends on.

    SQLite is asked each time, since a statement that names an index fails
    without it. On a server it matters for speed only, so that a connection is
    asked once in its life.
    """
    statement = index_by_name(connection.dialect.name)
    if statement is None:
        return False
    if connection.dialect.name == "sqlite":
        return connection.execute(statement).first() is not None
    if _IS_INDEXED not in connection.info:
        connection.info[_IS_INDEXED] = connection.execute(statement).first() is not None
    return bool(connection.info[_IS_INDEXED])


@cache
def index_by_name(dialect: str) -> Select[Any] | None:
    """The index that matters on this engine; None where none does."""
    match dialect:
        case "sqlite":
            return sa.select(_master.c.name).where(
                _master.c.type == "index", _master.c.name == LOOKUP
            )
        case "postgresql":
            return sa.select(_relations.c.oid).where(
                _relations.c.relname == WINDOW,
                sa.func.pg_catalog.pg_table_is_visible(_relations.c.oid),
            )
        case _:
            return None
