"""How a read-only, time-limited transaction is begun on each kind of database."""

from __future__ import annotations

import math
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from bot.backend.errors import QueryTimeout
from bot.backend.sqlite import SqliteFile
from bot.backend.translation import OPTION_TROUBLE, refused_options

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.backend.limits import Deadline
    from bot.backend.uris import Server

DEADLINE_OPTION = "bgsbot_deadline"
"""Execution option of a connection that holds the deadline in force."""

_SQLITE_STEPS = 20_000
_POOL_SIZE = 2
_POOL_OVERFLOW = 6
_RECYCLE_SECONDS = 300
_LEAST_CONNECT_SECONDS = 2  # less is not taken by libpq
_RESET_AFTER_MS = 100
_LOCK_MARGIN_MS = 100
_ANNOUNCED = "bgsbot_announced_ms"
_OPENED_AS = "bgsbot_opened_as"
_MARIADB_WITH_LIMIT = (10, 1, 1)
_MYSQL_WITH_LIMIT = (5, 7, 8)
_OUR_POSTGRESQL = "psycopg"


def make_engine(
    location: Server | SqliteFile,
    query_timeout: float,
    *,
    lenient_text: Callable[[], bool],
) -> sa.Engine:
    """Return an engine for reading; it connects when first used.

    Parameters
    ----------
    location
        Where the database is.
    query_timeout
        Seconds that connecting may take at most.
    lenient_text
        Whether an SQLite file is opened so that text which is no UTF-8 passes.

    Raises
    ------
    BadDatabaseUri
        If an option in the URI is not what the driver needs.
    """
    if isinstance(location, SqliteFile):
        engine = _sqlite_engine(location, lenient_text)
    else:
        engine = _server_engine(location, query_timeout)
    shown = location.shown

    @sa.event.listens_for(engine, "before_cursor_execute")
    def keep_to_deadline(
        connection: sa.Connection, cursor: Any, statement: str, *args: object
    ) -> None:
        deadline: Deadline | None = connection.get_execution_options().get(DEADLINE_OPTION)
        if deadline is None:
            return
        if deadline.passed:
            raise QueryTimeout(shown, deadline.seconds)
        announced = connection.info.get(_ANNOUNCED)
        if announced is not None and announced - deadline.milliseconds > _RESET_AFTER_MS:
            _announce(connection, deadline)

    return engine


def begin(connection: sa.Connection, deadline: Deadline) -> None:
    """Begin a read-only transaction on one snapshot, limited to the deadline.

    Parameters
    ----------
    connection
        Just checked out, without a transaction.
    deadline
        The limit for everything in it, waiting for locks included.
    """
    match connection.dialect.name:
        case "sqlite":
            _begin_sqlite(connection, deadline)
        case "postgresql" if connection.dialect.driver == _OUR_POSTGRESQL:
            _begin_server(
                connection, deadline, first="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
        case "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            _begin_server(connection, deadline)
        case _:
            _begin_server(connection, deadline)
            # For the session: a DDL statement ends this transaction and begins its own.
            connection.exec_driver_sql(
                "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            )
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    connection.execution_options(**{DEADLINE_OPTION: deadline})


def _sqlite_engine(file: SqliteFile, lenient_text: Callable[[], bool]) -> sa.Engine:
    """Return an engine that keeps a file open as long as it is the same file.

    Without a transaction an open file is not locked, and its statements stay
    prepared. One that was replaced or written meanwhile is opened anew.
    """
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: file.open(lenient_text=lenient_text()),
        poolclass=QueuePool,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_OVERFLOW,
        pool_use_lifo=True,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def note(_connection: Any, record: Any) -> None:
        record.info[_OPENED_AS] = (file.mark(), lenient_text())

    @sa.event.listens_for(engine, "checkout")
    def check(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get(_OPENED_AS) != (file.mark(), lenient_text()):
            raise sa.exc.DisconnectionError

    return engine


def _server_engine(server: Server, query_timeout: float) -> sa.Engine:
    seconds = max(_LEAST_CONNECT_SECONDS, math.ceil(query_timeout))
    # Our transaction is begun in so many words, together with its limits: one
    # trip to the server in place of two.
    begins = {"isolation_level": "AUTOCOMMIT"} if _driver(server) == _OUR_POSTGRESQL else {}
    with suppress(*OPTION_TROUBLE):
        return sa.create_engine(
            server.url,
            **begins,
            connect_args=connect_arguments(server, seconds),
            poolclass=QueuePool,
            pool_size=_POOL_SIZE,
            max_overflow=_POOL_OVERFLOW,
            pool_timeout=seconds,
            pool_recycle=_RECYCLE_SECONDS,
            pool_use_lifo=True,
            hide_parameters=True,
        )
    raise refused_options(server)  # without the cause, which quotes the option


def _driver(server: Server) -> str:
    return server.url.get_driver_name()


def connect_arguments(server: Server, seconds: int) -> dict[str, Any]:
    """Return what our own drivers are told besides the tenant's options.

    Parameters
    ----------
    server
        The database.
    seconds
        How long connecting may take, unless the tenant says otherwise.
    """
    driver = _driver(server)
    arguments: dict[str, Any] = {}
    if driver in ("psycopg", "psycopg2"):
        arguments["client_encoding"] = "utf8"  # else a database in SQL_ASCII gives bytes
    if driver in ("psycopg", "psycopg2", "pymysql", "mysqldb"):
        arguments["connect_timeout"] = seconds
    if driver == "psycopg":
        arguments["prepare_threshold"] = None  # PgBouncer hands statements to other sessions
    if driver == "pymysql":
        # For the greeting of a server that accepts and keeps silent; once
        # connected, the watchdog is in charge.
        arguments["read_timeout"] = arguments["write_timeout"] = seconds
    for name in arguments.keys() & server.url.query.keys():
        del arguments[name]
    if server.kind == "mysql":
        arguments["charset"] = "utf8mb4"
    return arguments


def _begin_sqlite(connection: sa.Connection, deadline: Deadline) -> None:
    raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    raw.execute(f"PRAGMA busy_timeout = {deadline.milliseconds}").close()
    raw.set_progress_handler(lambda: int(deadline.passed), _SQLITE_STEPS)
    connection.exec_driver_sql("BEGIN")
    # Takes the shared lock now, so that what is wrong with the file shows here.
    connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").close()


def _begin_server(connection: sa.Connection, deadline: Deadline, *, first: str = "") -> None:
    connection.begin()
    left = deadline.milliseconds
    limit = _limit(connection.dialect, left, deadline)
    connection.exec_driver_sql(f"{first}; {limit}" if first else limit).close()
    connection.info[_ANNOUNCED] = left


def _announce(connection: sa.Connection, deadline: Deadline) -> None:
    """Tell the server how long a statement may take from now on.

    Past SQLAlchemy, whose hook for statements calls this.
    """
    left = deadline.milliseconds
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(_limit(connection.dialect, left, deadline))
    connection.info[_ANNOUNCED] = left


def _limit(dialect: sa.Dialect, left: int, deadline: Deadline) -> str:
    # Waiting for a lock ends a little before the statement would, so that the
    # server tells the one from the other.
    waiting = max(1, left - min(_LOCK_MARGIN_MS, left // 10))
    if dialect.name == "postgresql":
        limits = {"statement_timeout": left, "lock_timeout": waiting}
        settings = (f"set_config('{name}', '{value}', true)" for name, value in limits.items())
        return f"SELECT {', '.join(settings)}"
    version = dialect.server_version_info or ()
    whole_seconds = max(1, waiting // 1000)
    deadline.hides_locks = whole_seconds * 1000 >= left
    lock_limit = f"SESSION lock_wait_timeout = {whole_seconds}"
    if getattr(dialect, "is_mariadb", False):
        limit = f"SESSION max_statement_time = {left / 1000:.3f}"
        known = version >= _MARIADB_WITH_LIMIT
    else:
        limit = f"SESSION max_execution_time = {left}"
        known = version >= _MYSQL_WITH_LIMIT
    return f"SET {lock_limit}, {limit}" if known else f"SET {lock_limit}"
