"""Statements that are asked again and again: their text is made once.

SQLAlchemy keeps a compiled statement, but finds it again by walking through
the expression, and passes its constants as parameters each time. For a report
over one day of an indexed database that takes longer than the query.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa
    from sqlalchemy.sql.compiler import SQLCompiler

_OUR_DRIVERS = frozenset({"pysqlite", "psycopg"})
"""Drivers whose rows need no conversion for the types that reports read."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement for the driver.

    Attributes
    ----------
    order
        Names of the parameters by position; None where they go by name.
    """

    sql: str
    order: tuple[str, ...] | None


def execute_kept(
    connection: sa.Connection, statement: sa.Executable, binds: Mapping[str, Any]
) -> sa.CursorResult[*tuple[Any, ...]]:
    """Execute a statement that its caller keeps, and so asks again as the same object.

    Parameters
    ----------
    statement
        A Core expression. What it has of values is written into its text.
    binds
        Values for its named parameters, more than it has if need be.
    """
    if connection.dialect.driver not in _OUR_DRIVERS:
        return connection.execute(statement, dict(binds))
    text = _text_of(statement, connection.dialect)
    if text.order is None:
        return connection.exec_driver_sql(text.sql, dict(binds))
    return connection.exec_driver_sql(text.sql, tuple(binds[name] for name in text.order))


@lru_cache(maxsize=512)
def _text_of(statement: Any, dialect: sa.Dialect) -> _Text:
    compiled = _inlining(dialect)(dialect, statement)
    order = tuple(compiled.positiontup or ()) if compiled.positional else None
    return _Text(compiled.string, order)


def _inlining(dialect: sa.Dialect) -> type[SQLCompiler]:
    """Return the dialect's compiler, made to write constants into the text."""
    compiler: Any = dialect.statement_compiler

    class Inlining(compiler):  # type: ignore[misc]  # which one is known at run time
        def visit_bindparam(self, bindparam: sa.BindParameter[Any], **options: Any) -> str:
            if not bindparam.required:
                options["literal_binds"] = True
            text: str = super().visit_bindparam(bindparam, **options)
            return text

    return Inlining
