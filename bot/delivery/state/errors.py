"""What can go wrong with the state database, in words an admin can act on.

The tree: `LedgerError` > `StateUriError`, `LedgerDriverError`,
`LedgerNotWritableError`, `LedgerGoneError`, `LedgerUnreachableError`, `LedgerLockedError`,
`LedgerTooNewError`.
Driver errors are translated here and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import BotError

if TYPE_CHECKING:
    from sqlalchemy import URL

_REFUSED = (
    "readonly",
    "read-only transaction",
    "unable to open",
    "permission denied",
    "disk i/o error",
)
_LOCKED = ("database is locked", "lock timeout", "statement timeout", "deadlock detected")
_UNREACHABLE = (
    "connection failed",
    "connection to server",
    "connection refused",
    "could not connect",
    "could not translate host name",
    "server closed the connection",
    "the connection is closed",
    "connection is lost",
    "terminating connection",
    "connection timeout",
    "failed to resolve host",
)


class LedgerError(BotError):
    """The state database cannot do what the bot needs.

    Attributes
    ----------
    where
        The database: a file's path or ``server:port/name``, never a password.
    detail
        What the driver said, in one line.
    """

    remedy = "check STATE_DB_URI and the database's own log"

    def __init__(self, where: str, detail: str) -> None:
        self.where = where
        self.detail = detail
        super().__init__(f"state database {where}: {detail}; {self.remedy}")


class StateUriError(LedgerError):
    """STATE_DB_URI names no database the ledger can live in."""

    remedy = "set STATE_DB_URI to sqlite:///path/to/state.db or postgresql://user@host/name"


class LedgerDriverError(LedgerError):
    """The driver for PostgreSQL is not installed."""

    remedy = 'install it with: pip install "bgs-bot[postgres]"'


class LedgerNotWritableError(LedgerError):
    """The file or its folder cannot be made or written."""

    remedy = "let the bot's user write there, or set DATA_DIR or STATE_DB_URI to another place"


class LedgerGoneError(LedgerError):
    """The file is not the one that was opened: whatever is written to that one is lost."""

    remedy = "stop the bot, put the right file there, and start it again"


class LedgerUnreachableError(LedgerError):
    """No connection to the server."""

    remedy = "start the server, or correct STATE_DB_URI"


class LedgerLockedError(LedgerError):
    """Another process held the database for too long."""

    remedy = "look for a stuck process that uses it; the bot tries again by itself"


class LedgerTooNewError(LedgerError):
    """A newer version of the bot has changed the database.

    Attributes
    ----------
    version
        The schema version that was found.
    """

    remedy = "update this bot too, or set STATE_DB_URI to another database"

    def __init__(self, where: str, version: str) -> None:
        self.version = version
        super().__init__(where, f"its version {version} is newer than this bot")


def place(url: URL) -> str:
    """Return where a database is, without user, password and options."""
    if url.get_backend_name() == "sqlite":
        return url.database or "(in memory)"
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{host}{port}/{url.database or ''}"


def translate(error: SQLAlchemyError, url: URL) -> LedgerError:
    """Return our error for one of SQLAlchemy's or the driver's."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    detail = _one_line(str(cause), url)
    return _kind(error, detail.lower())(place(url), detail)


def _kind(error: SQLAlchemyError, text: str) -> type[LedgerError]:
    if isinstance(error, PoolTimeoutError) or any(sign in text for sign in _LOCKED):
        return LedgerLockedError
    if any(sign in text for sign in _REFUSED):
        return LedgerNotWritableError
    if getattr(error, "connection_invalidated", False):
        return LedgerUnreachableError
    if any(sign in text for sign in _UNREACHABLE):
        return LedgerUnreachableError
    return LedgerError


def _one_line(text: str, url: URL) -> str:
    line = " ".join(text.split()) or "no details given"
    for secret in _secrets(url):
        line = line.replace(secret, "***")
    return line[:500]


def _secrets(url: URL) -> list[str]:
    found = [str(url.password)] if url.password else []
    for name, value in url.query.items():
        if "pass" in name.lower():
            found.extend([value] if isinstance(value, str) else value)
    return [secret for secret in found if secret]
