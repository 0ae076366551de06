"""The connection to the state database: one engine, short transactions.

Work is handed in as a function of a connection, so that a connection that the
server has dropped can be replaced and the work repeated: every change of the
ledger is safe to make twice.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.delivery.state.errors import (
    LedgerDriverError,
    LedgerLockedError,
    StateUriError,
    place,
    translate,
)
from bot.delivery.state.file import StateFile
from bot.delivery.state.probing import try_writing
from bot.delivery.state.upgrade import bring_up_to_date, is_current, version_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

log = logging.getLogger(__name__)

T = TypeVar("T")

_LOCK_SECONDS = 60
_CONNECT_SECONDS = 10
_DEAD_PEER = {
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 40_000,
}
"""When libpq gives up a server that a dead network hides; left alone, the kernel takes 15 min.

Source: PostgreSQL, libpq, "Parameter Key Words".
"""
_TRIES = 3
_WRITES = "bgsbot_writes"
_MORE_THAN_FITS = 65_536
"""More characters than SQLite keeps in the little memory that a probe leaves it."""


class StateDatabase:
    """The state database, made and migrated when it is opened.

    Thread-safe; several processes may use and open the same database.

    Parameters
    ----------
    uri
        ``sqlite:`` with a file's path, or ``postgres:``/``postgresql:``.

    Raises
    ------
    LedgerError
        If it cannot be opened; the subclass and the text say why.
    """

    def __init__(self, uri: str) -> None:
        self._url = state_url(uri)
        is_file = self._url.get_backend_name() == "sqlite"
        path = sqlite_path(self._url) if is_file else None
        self._file = None if path is None else StateFile(path)
        if path is not None:  # connections made later must not follow the working directory
            self._url = self._url.set(database=str(path.absolute()))
        self._one_writer = threading.Lock() if is_file else None
        self._engine = _engine(self._url)
        try:
            self._migrate()
        except BaseException:
            self.dispose()
            raise

    @property
    def where(self) -> str:
        """The database, without user and password."""
        return place(self._url)

    @property
    def connections_in_use(self) -> int:
        """How many connections are checked out at this moment."""
        in_use: Callable[[], int] = getattr(self._engine.pool, "checkedout", lambda: 0)
        return in_use()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that only reads, in one transaction."""
        return self._run(work, writes=False)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work that changes something, in one transaction: all or nothing.

        On SQLite the write lock is taken at the start and waited for.
        """
        with self._one_writer or contextlib.nullcontext():
            return self._run(work, writes=True)

    def probe(self, seconds: float) -> None:
        """Raise unless something can be written; what is tried is undone.

        Parameters
        ----------
        seconds
            How long a lock of somebody else's is waited for.

        Raises
        ------
        LedgerError
            If nothing can be written, or this is not what was opened.
        """
        if self._one_writer is None:
            self._try_writing(self._engine, seconds)
            return
        if self._file is not None:
            self._file.check_content()
        if not self._one_writer.acquire(timeout=seconds):
            raise LedgerLockedError(self.where, f"others were writing for {seconds:g} s")
        try:
            # A connection that is open may still write where a new one may not,
            # and has pages in its memory that the disk has lost.
            self._try_writing(_fresh_sqlite(self._url, seconds), seconds)
        finally:
            self._one_writer.release()

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        if self._file is not None:
            self._file.close()

    def _try_writing(self, engine: Engine, seconds: float) -> None:
        def work(connection: Connection) -> None:
            _limit_waiting(connection, seconds)
            try_writing(connection, _length_for_disk(connection))
            connection.rollback()

        self._run(work, writes=True, engine=engine)

    def _run(
        self, work: Callable[[Connection], T], *, writes: bool, engine: Engine | None = None
    ) -> T:
        tries = 0
        while True:
            tries += 1
            if self._file is not None:
                self._file.check()
            try:
                with (engine or self._engine).connect() as connection:
                    connection.execution_options(**{_WRITES: writes})
                    with connection.begin():
                        _limit_waiting(connection)
                        return work(connection)
            except DBAPIError as error:
                if tries == _TRIES or not _passes(error):
                    raise translate(error, self._url) from error
                log.info("State database %s: lost a connection, trying again", self.where)
            except SQLAlchemyError as error:
                raise translate(error, self._url) from error

    def _migrate(self) -> None:
        if not self.read(lambda connection: is_current(connection, self.where)):
            self.write(lambda connection: bring_up_to_date(connection, self.where))


def state_url(uri: str) -> URL:
    """Return the URL of a state database with the driver that will be used.

    Raises
    ------
    StateUriError
        If it is no URL, or one of another kind of database, or names no file.
    LedgerDriverError
        If PostgreSQL's driver is not installed.
    """
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError):
        raise StateUriError("(unreadable)", "STATE_DB_URI is not a database URL") from None
    name = url.drivername.partition("+")[0]
    if name == "sqlite":
        if url.database in (None, "", ":memory:") or "mode=memory" in str(url.database):
            raise StateUriError("(in memory)", "it would be forgotten at exit")
        return url.set(drivername="sqlite+pysqlite")
    if name in ("postgres", "postgresql"):
        return _with_postgresql_driver(url)
    raise StateUriError(place(url), f"{name} is not supported here")


def _with_postgresql_driver(url: URL) -> URL:
    explicit = url.drivername.partition("+")[2]
    for driver in dict.fromkeys((explicit or "psycopg", "psycopg")):
        candidate = url.set(drivername=f"postgresql+{driver}")
        try:
            dialect = candidate.get_dialect()
            if not getattr(dialect, "is_async", False):
                dialect.import_dbapi()
                return candidate
        except (NoSuchModuleError, ImportError):
            continue
    raise LedgerDriverError(place(url), "PostgreSQL's driver psycopg is not installed")


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite URL; None where it is a ``file:`` URI."""
    name = url.database or ""
    return None if name.startswith("file:") else Path(name)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    driver = url.get_driver_name()
    options: dict[str, Any] = {}
    if driver in ("psycopg", "psycopg2"):
        options = {"connect_timeout": _CONNECT_SECONDS, "application_name": "bgs-bot", **_DEAD_PEER}
    if driver == "psycopg":
        options["prepare_threshold"] = None  # poolers between us and the server lose statements
    arguments = {name: value for name, value in options.items() if name not in url.query}
    return create_engine(
        url,
        connect_args=arguments,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=4,
        max_overflow=4,
        pool_timeout=_LOCK_SECONDS,
        hide_parameters=True,
    )


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={} if "timeout" in url.query else {"timeout": _LOCK_SECONDS},
        pool_size=4,
        max_overflow=4,
        pool_timeout=_LOCK_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _own_begin)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _fresh_sqlite(url: URL, seconds: float) -> Engine:
    """Return an engine whose connections are new, change no mode and wait for so long."""
    engine = create_engine(
        url, connect_args={"timeout": seconds}, poolclass=NullPool, hide_parameters=True
    )
    event.listen(engine, "connect", _own_begin)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _own_begin(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    try:
        # Write-ahead logging lets readers pass a writer. Where it is refused (another process
        # is opening the file right now, some network drives) the plain journal does too.
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _limit_waiting(connection: Connection, seconds: float = _LOCK_SECONDS) -> None:
    """Bound every wait, so that a stopped process cannot hold others up for ever.

    Set anew in each transaction: a pooler between us and the server may hand
    every transaction to another session. SQLite has its time-out from connect.
    """
    if connection.dialect.name != "postgresql":
        return
    limit = f"{max(1, round(seconds * 1000))}ms"
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    connection.execute(select(*(func.set_config(name, limit, True) for name in names)))


def _length_for_disk(connection: Connection) -> int:
    """Return how long a text must be to be written before it is committed.

    With write-ahead logging SQLite would keep a short one in memory, and a
    full disk would not show. What it writes counts for nothing without a
    commit, and the next writer writes over it.
    """
    if connection.dialect.name != "sqlite":
        return 1
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
        return 1
    connection.exec_driver_sql("PRAGMA cache_size = 1")
    return _MORE_THAN_FITS


def _passes(error: DBAPIError) -> bool:
    """Whether the same work may well succeed on a new connection."""
    deadlock_or_restart = {"40001", "40P01", "57P01", "57P02"}
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return bool(error.connection_invalidated) or state in deadlock_or_restart


def ledger_exists(uri: str) -> bool:
    """Whether a ledger has been made at this address; makes nothing.

    For those who only want to look: `StateDatabase` makes what is missing.

    Raises
    ------
    LedgerError
        If the address is no good, the server cannot be reached, or a newer
        version of the bot has changed the ledger.
    """
    url = state_url(uri)
    path = sqlite_path(url) if url.get_backend_name() == "sqlite" else None
    if path is not None and not path.exists():
        return False
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return is_current(connection, place(url)) or version_of(connection) is not None
    except SQLAlchemyError as error:
        raise translate(error, url) from error
    finally:
        engine.dispose()
