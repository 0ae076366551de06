"""Why a database that can be read takes no index, in words for its admin."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.backend.errors import DatabaseError
from bot.backend.sqlite import SqliteFile

if TYPE_CHECKING:
    from pathlib import Path

    from bot.backend.uris import Server

_SQLITE_REFUSALS = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_MYSQL_DENIED = frozenset({1044, 1142, 1227})
_MYSQL_READ_ONLY = frozenset({1290, 1792, 1836})

_AS_THE_BACKEND = "run this command as the user that the backend runs as, and on its machine"
_READ_ONLY_SERVER = (
    "the server takes no writes here (a replica, or a server or a login that is set to read"
    " only): name the one that the backend writes to in db_uri"
)


class MayNotWriteError(DatabaseError):
    """A right is missing that indexes need.

    Attributes
    ----------
    reason
        Which one, and what to do.
    """

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(database, f"no index can be made or removed in {database}: {reason}")
        self.reason = reason


def refusal(error: Exception, location: Server | SqliteFile) -> MayNotWriteError | None:
    """Return which right is missing; None where the error is about something else."""
    original = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(location, SqliteFile):
        reason = _of_sqlite(original, location)
    elif location.kind == "postgresql":
        reason = _of_postgres(original)
    else:
        reason = _of_mysql(original)
    return None if reason is None else MayNotWriteError(location.shown, reason)


def _of_sqlite(error: BaseException | None, file: SqliteFile) -> str | None:
    path = file.find()
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if path is None or code not in _SQLITE_REFUSALS:
        return None
    if _is_mounted_read_only(path):
        return (
            "its disk is mounted read-only (as with `:ro` in a compose file): run this command"
            " where the backend runs"
        )
    if not os.access(path, os.W_OK):
        return f"you may not write the file; {_AS_THE_BACKEND}"
    if not os.access(path.parent, os.W_OK):
        return (
            f"you may not write to the folder {path.parent}, where SQLite keeps its journal"
            f" meanwhile; {_AS_THE_BACKEND}"
        )
    return None


def _is_mounted_read_only(path: Path) -> bool:
    if not hasattr(os, "statvfs"):
        return False
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _of_postgres(error: BaseException | None) -> str | None:
    match getattr(error, "sqlstate", None) or getattr(error, "pgcode", None):
        case "42501":  # insufficient privilege
            return (
                "only the owner of the tables may do that; let db_uri have the login that the"
                " backend uses while you run this command"
            )
        case "25006":  # read-only transaction
            return _READ_ONLY_SERVER
        case _:
            return None


def _of_mysql(error: BaseException | None) -> str | None:
    number = error.args[0] if error is not None and error.args else None
    if number in _MYSQL_DENIED:
        return (
            "the login of db_uri lacks a right; let the server's admin run"
            " GRANT INDEX ON its database TO that login"
        )
    return _READ_ONLY_SERVER if number in _MYSQL_READ_ONLY else None
