"""What SQLite has to be told: the order of its loops, and the index for `event`.

A row of `event` holds its raw_json, so that ids that follow one another fill a
page of the file with a handful. SQLite looks up an id in the table itself
whatever indexes there are, unless a statement names one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from bot.backend import schema

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause
    from sqlalchemy.sql.compiler import SQLCompiler

LOOKUP = "ix_bgsbot_event_lookup"
WINDOW = "ix_bgsbot_event_window"

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


event_by_index = _ByIndex(
    "event", *(sa.column(name, schema.event.c[name].type) for name in _COLUMNS)
)


def has_our_indexes(connection: Connection) -> bool:
    """Whether the database has the index on `event` that the reports' plan depends on."""
    match connection.dialect.name:
        case "sqlite":
            named = _master.c.type == "index", _master.c.name == LOOKUP
        case "postgresql":
            visible = sa.func.pg_catalog.pg_table_is_visible(_relations.c.oid)
            named = _relations.c.relname == WINDOW, visible
        case _:
            return False
    return connection.execute(sa.select(sa.func.count()).where(*named)).scalar_one() > 0
