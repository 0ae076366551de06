"""What ``bgs-bot index`` does: the only code that writes to a tenant's database."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from bot.backend.index_facts import ExistingIndex, existing_indexes, text_lengths
from bot.backend.index_plans import PREFIX, IndexPlan, plan_indexes
from bot.backend.index_rights import refusal
from bot.backend.limits import Deadline
from bot.backend.sessions import connect_arguments
from bot.backend.sqlite import SqliteFile
from bot.backend.translation import to_raise, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bot.backend.engines import TenantDatabase

logger = logging.getLogger(__name__)

_MYSQL_NEEDED_BY_FOREIGN_KEY = 1553

LOCK_SECONDS = 60
"""How long we wait for the backend to let go of a table."""


def needed(database: TenantDatabase) -> list[IndexPlan]:
    """Return the indexes that the reports need, given the database's tables and columns."""
    shape = database.shape
    with database.read() as connection:
        return plan_indexes(connection.dialect, shape, text_lengths(connection))


def missing(database: TenantDatabase) -> list[IndexPlan]:
    """Return the needed indexes that a database lacks.

    An index that somebody else made is as good as ours if it begins with the
    same columns and holds the same values.
    """
    plans = needed(database)
    with database.read() as connection:
        existing = existing_indexes(connection)
    return [
        plan
        for plan in plans
        if not any(
            index.serves(plan.table, plan.keys, plan.columns)
            or (index.is_valid and index.name == plan.name and index.columns == plan.columns)
            for index in existing
        )
    ]


def ours(database: TenantDatabase) -> list[str]:
    """Return the names of the indexes that we made."""
    with database.read() as connection:
        return [index.name for index in _ours(connection)]


def create(
    database: TenantDatabase,
    plans: Iterable[IndexPlan],
    progress: Callable[[IndexPlan, float | None], None] | None = None,
) -> None:
    """Create indexes, one after the other; those done stay if a later one fails.

    Parameters
    ----------
    database
        The tenant's database.
    plans
        From `missing`.
    progress
        Called with each plan and None before, with the seconds it took after.

    Raises
    ------
    DatabaseLocked
        If the backend did not let go of a table within `LOCK_SECONDS`.
    MayNotWriteError
        If a right is missing.
    DatabaseError
        For anything else the database refuses.
    """
    with _writing(database) as connection:
        left_over = {index.name: index for index in _ours(connection)}
        for plan in plans:
            started = time.monotonic()
            if progress is not None:
                progress(plan, None)
            if plan.name in left_over:  # of other columns, or broken off half-way
                _drop(connection, left_over[plan.name])
            _make(connection, plan)
            _take_statistics(connection, plan)
            if progress is not None:
                progress(plan, time.monotonic() - started)


def drop(database: TenantDatabase, progress: Callable[[str], None] | None = None) -> list[str]:
    """Drop the indexes that we made, and no others; return their names.

    Raises
    ------
    DatabaseError
        As `create`.
    """
    dropped = []
    with _writing(database) as connection:
        for index in _ours(connection):
            _drop(connection, index)
            dropped.append(index.name)
            if progress is not None:
                progress(index.name)
        if dropped and connection.dialect.name == "sqlite":
            _drop_empty_statistics(connection)
    return dropped


@contextmanager
def _writing(database: TenantDatabase) -> Iterator[sa.Connection]:
    """Open a connection that may write and commits each statement."""
    location = database.location
    deadline = Deadline(LOCK_SECONDS)
    if isinstance(location, SqliteFile):
        engine = sa.create_engine(
            "sqlite://", creator=lambda: location.open(read_only=False), poolclass=NullPool
        )
    else:
        seconds = max(2, round(database.query_timeout))
        arguments = connect_arguments(location, seconds)
        for patience in ("read_timeout", "write_timeout"):  # an index takes as long as it takes
            arguments.pop(patience, None)
        engine = sa.create_engine(location.url, connect_args=arguments, poolclass=NullPool)
    failure: Exception
    try:
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql(_patience(connection.dialect.name))
            yield connection
            return
    except Exception as error:  # noqa: BLE001  # translated, or raised again as it is
        failure = error
    translated = refusal(failure, location) or translate(
        failure, location, deadline, driver_error=engine.dialect.loaded_dbapi.Error
    )
    raise to_raise(translated, failure, location)


def _patience(dialect: str) -> str:
    match dialect:
        case "sqlite":
            return f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}"
        case "postgresql":
            return f"SET lock_timeout = {LOCK_SECONDS * 1000}"
        case _:
            return f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}"


def _make(connection: sa.Connection, plan: IndexPlan) -> None:
    try:
        connection.exec_driver_sql(plan.sql)
    except sa.exc.DBAPIError:
        if connection.dialect.name == "postgresql" and not connection.invalidated:
            for index in _ours(connection):  # CONCURRENTLY leaves a useless one behind
                if index.name == plan.name:
                    _drop(connection, index)
        raise


def _drop(connection: sa.Connection, existing: ExistingIndex) -> None:
    first: sa.Column[Any] = sa.Column(existing.columns[0] or "id")
    sa.Table(existing.table, sa.MetaData(), first)
    index = sa.Index(existing.name, first)
    try:
        index.drop(connection, checkfirst=False)
    except sa.exc.DBAPIError as error:
        if error.orig is None or error.orig.args[0] != _MYSQL_NEEDED_BY_FOREIGN_KEY:
            raise
        # The server dropped its own index of the foreign key when ours could stand in for it.
        sa.Index(first.name, first).create(connection, checkfirst=False)
        index.drop(connection, checkfirst=False)


def _ours(connection: sa.Connection) -> list[ExistingIndex]:
    return sorted(
        (index for index in existing_indexes(connection) if index.name.startswith(PREFIX)),
        key=lambda index: index.name,
    )


def _take_statistics(connection: sa.Connection, plan: IndexPlan) -> None:
    """Tell the planner about a new index; on InnoDB it finds out by itself."""
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "sqlite":
        statement = f"ANALYZE {quote(plan.name)}"  # only of this index: dropping it undoes it
    elif connection.dialect.name == "postgresql":
        statement = f"VACUUM (ANALYZE) {quote(plan.table)}"  # else it is not read alone
    else:
        return
    try:
        connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError:
        logger.info("No statistics for %s; the server takes them in time.", plan.name)


def _drop_empty_statistics(connection: sa.Connection) -> None:
    """Leave no empty ``sqlite_stat1`` that was not there before us."""
    statistics = sa.table("sqlite_stat1", sa.column("tbl"))
    try:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(statistics))
    except sa.exc.OperationalError:  # there is none
        return
    if not rows:
        connection.exec_driver_sql("DROP TABLE sqlite_stat1")
