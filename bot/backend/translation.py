"""The one border where errors of SQLAlchemy and the drivers become ours."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from bot.backend.errors import (
    BadDatabaseUri,
    DatabaseError,
    DatabaseFailed,
    DatabaseLocked,
    DatabaseUnreachable,
    DriverMissing,
    QueryTimeout,
    UnreadableText,
)
from bot.backend.sqlite import SqliteFile

if TYPE_CHECKING:
    from bot.backend.limits import Deadline
    from bot.backend.uris import Server

_LONGEST_REASON = 300
OPTION_TROUBLE = (
    *(TypeError, ValueError, OverflowError, LookupError, AttributeError),
    sa.exc.ArgumentError,
)
"""What drivers raise when the text of an option is not what they need."""
_PG_CANCELLED = "57014"
_PG_LOCKED = "55P03"
_PG_UNREACHABLE = ("08", "28", "3D", "53300", "57P")
_MYSQL_CANCELLED = frozenset({1317, 1969, 3024})
_MYSQL_LOCKED = 1205
_MYSQL_UNREACHABLE = frozenset(
    {1040, 1042, 1044, 1045, 1049, 1053, 1080, 1129, 1130, 1203, 1226, 1698}
)
_MYSQL_CLIENT_ERRORS = range(2000, 3000)
_SQLITE_UNDECODABLE = "Could not decode to UTF-8"


def translate(
    error: Exception,
    location: Server | SqliteFile,
    deadline: Deadline,
    *,
    driver_error: type[BaseException],
    connecting: bool = False,
) -> DatabaseError | None:
    """Return our error for one of SQLAlchemy's or a driver's.

    Parameters
    ----------
    error
        What was caught.
    location
        The database it is about.
    deadline
        The time limit that was in force.
    driver_error
        The root of the driver's own errors.
    connecting
        Whether it came up before a connection was there. Drivers then raise
        plain exceptions as well, for options they do not know.

    Returns
    -------
    DatabaseError or None
        None where the error is not about the database.
    """
    if isinstance(error, DatabaseError):
        return error
    if isinstance(error, sa.exc.TimeoutError):
        return DatabaseUnreachable(location.shown, "all connections to it are in use")
    original = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if original is None or not isinstance(original, driver_error):
        return _of_options(error, location) if connecting else None
    if isinstance(location, SqliteFile):
        return _of_sqlite(cast("sqlite3.Error", original), location, deadline)
    lost = connecting or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)
    return _of_server(original, location, deadline, lost=lost)


def to_raise(
    ours: DatabaseError | None, error: Exception, location: Server | SqliteFile
) -> Exception:
    """Return our error with another as its cause, or the other where there is none of ours.

    It is the cause only if no text in its chain holds a secret. Raise what
    comes back outside the ``except`` block, which would keep it as context.
    """
    if ours is None:
        return error
    if ours is not error and not _leaks(error, location):
        ours.__cause__ = error
    return ours


def _leaks(error: BaseException, location: Server | SqliteFile) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if any(secret in str(seen) for secret in location.secrets):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _of_sqlite(error: sqlite3.Error, file: SqliteFile, deadline: Deadline) -> DatabaseError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseLocked(file.shown, deadline.seconds)
    if code == sqlite3.SQLITE_INTERRUPT:
        return QueryTimeout(file.shown, deadline.seconds)
    if _SQLITE_UNDECODABLE in str(error):
        return UnreadableText(file.shown, "it holds a text that is no UTF-8")
    reason = file.explain(error)
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return DatabaseUnreachable(file.shown, reason)
    return DatabaseFailed(file.shown, reason)


def _of_server(
    error: BaseException, server: Server, deadline: Deadline, *, lost: bool
) -> DatabaseError:
    reason = _reason(error, server)
    kind = _postgres_kind(error) if server.kind == "postgresql" else _mysql_kind(error)
    if kind is DatabaseLocked:
        return DatabaseLocked(server.shown, deadline.seconds)
    if kind is QueryTimeout and (deadline.passed or "exceeded" in reason or "timeout" in reason):
        return QueryTimeout(server.shown, deadline.seconds, perhaps_locked=deadline.hides_locks)
    if lost or kind is DatabaseUnreachable:
        return DatabaseUnreachable(server.shown, reason)
    return DatabaseFailed(server.shown, reason)


def _postgres_kind(error: BaseException) -> type[DatabaseError]:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    if state == _PG_CANCELLED:
        return QueryTimeout
    if state == _PG_LOCKED:
        return DatabaseLocked
    return DatabaseUnreachable if state.startswith(_PG_UNREACHABLE) else DatabaseFailed


def _mysql_kind(error: BaseException) -> type[DatabaseError]:
    number = error.args[0] if error.args else None
    if number in _MYSQL_CANCELLED:
        return QueryTimeout
    if number == _MYSQL_LOCKED:
        return DatabaseLocked
    if number in _MYSQL_UNREACHABLE or number in _MYSQL_CLIENT_ERRORS:
        return DatabaseUnreachable
    return DatabaseFailed


def refused_options(location: Server | SqliteFile) -> BadDatabaseUri:
    """Return the error for options that the driver cannot use, without their values."""
    return BadDatabaseUri(
        location.shown, "the driver refuses one of its options", "check what follows the '?'"
    )


def _of_options(error: Exception, location: Server | SqliteFile) -> DatabaseError | None:
    """Return our error for what a driver raises when it cannot use its options."""
    if "cryptography" in str(error):  # PyMySQL lacks it for MySQL 8's way to log in
        return DriverMissing(location.shown, "cryptography", "mysql")
    if isinstance(error, OSError):
        return DatabaseUnreachable(location.shown, _reason(error, location))
    if isinstance(error, OPTION_TROUBLE):
        return refused_options(location)
    if isinstance(error, sa.exc.SQLAlchemyError):
        return DatabaseFailed(location.shown, _reason(error, location))
    return None


def _reason(error: BaseException, location: Server | SqliteFile) -> str:
    """Return an error's first line without secrets and numbers of no use to a reader."""
    # MySQL's drivers raise (number, text).
    text = str(error.args[1] if len(error.args) > 1 else error).strip()
    for secret in location.secrets:
        text = text.replace(secret, "***")
    line = text.splitlines()[0].strip() if text else "no reason given"
    if len(line) > _LONGEST_REASON:
        line = line[: _LONGEST_REASON - 1] + "…"
    return line.rstrip(".")
