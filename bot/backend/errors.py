"""What can go wrong with a tenant's database, in words for its admin.

::

    BotError
    └── DatabaseError            .database  which one, without user and password
        ├── BadDatabaseUri       .fault, .remedy
        ├── DriverMissing        .driver, .extra
        ├── DatabaseUnreachable  .reason
        ├── DatabaseLocked       .seconds
        ├── QueryTimeout         .seconds, .perhaps_locked
        └── DatabaseFailed       .reason
            └── UnreadableText

Drivers' own errors never leave `bot.backend`; see `bot.backend.translation`.
"""

# ruff: noqa: N818  # the names say what happened, as the builtin TimeoutError's kin do

from __future__ import annotations

from bot.errors import BotError


class DatabaseError(BotError):
    """A tenant's database could not be read.

    Attributes
    ----------
    database
        The database as it may be shown: kind, host and name, or the file.
    """

    def __init__(self, database: str, message: str) -> None:
        super().__init__(message)
        self.database = database


class BadDatabaseUri(DatabaseError):
    """The ``db_uri`` cannot be used as it is written."""

    def __init__(self, database: str, fault: str, remedy: str) -> None:
        super().__init__(database, f"db_uri {database}: {fault}; {remedy}")
        self.fault = fault
        self.remedy = remedy


class DriverMissing(DatabaseError):
    """A package that this kind of database needs is not installed."""

    def __init__(self, database: str, driver: str, extra: str) -> None:
        super().__init__(
            database, f'{database} needs the package {driver}: pip install "bgs-bot[{extra}]"'
        )
        self.driver = driver
        self.extra = extra


class DatabaseUnreachable(DatabaseError):
    """No connection came about, or the server closed it."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(database, f"cannot reach the database {database}: {reason}")
        self.reason = reason


class DatabaseLocked(DatabaseError):
    """Somebody else kept the database locked for as long as a report may wait."""

    def __init__(self, database: str, seconds: float) -> None:
        super().__init__(
            database,
            f"the database {database} stayed locked by another program for {seconds:g} s",
        )
        self.seconds = seconds


class QueryTimeout(DatabaseError):
    """A report ran into its time limit and was stopped.

    Attributes
    ----------
    seconds
        The limit.
    perhaps_locked
        Whether it may have waited for another program's lock.
    """

    def __init__(self, database: str, seconds: float, *, perhaps_locked: bool = False) -> None:
        cause = ", or another program kept a table locked" if perhaps_locked else ""
        super().__init__(
            database,
            f"reading the database {database} took longer than {seconds:g} s{cause}: create the"
            " indexes with `bgs-bot index` or raise QUERY_TIMEOUT",
        )
        self.seconds = seconds
        self.perhaps_locked = perhaps_locked


class DatabaseFailed(DatabaseError):
    """The database answered with an error."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(database, f"the database {database} failed: {reason}")
        self.reason = reason


class UnreadableText(DatabaseFailed):
    """A text in an SQLite file is no UTF-8.

    The `TenantDatabase` that raised it reads such texts with replacement
    characters from now on, so reading once more succeeds.
    """
