"""From a tenant's ``db_uri``, as the backend has it, to what we connect with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.backend.errors import BadDatabaseUri, DriverMissing
from bot.backend.sqlite import SqliteFile

if TYPE_CHECKING:
    from pathlib import Path

_KINDS = {
    "sqlite": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
_DRIVERS = {"postgresql": ("psycopg", "postgres"), "mysql": ("pymysql", "mysql")}
_PACKAGES = {"psycopg": "psycopg", "pymysql": "PyMySQL"}
_FORM = "write it as sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME or mysql://…"
_SPECIAL = "percent-encode special characters in user and password, and give the port as a number"


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a server.

    Attributes
    ----------
    kind
        ``postgresql`` or ``mysql`` (which includes MariaDB).
    url
        With the driver in use and the tenant's own options. Holds the password.
    replaced
        The driver the tenant named, where another stands in for it.
    """

    kind: str
    url: sa.URL
    replaced: str | None = None

    @property
    def shown(self) -> str:
        """Kind, host, port and name: what may appear in a message."""
        return _shown(self.url)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts that may not appear in a message."""
        found = [self.url.password, *self.url.normalized_query.get("password", ())]
        return tuple(str(text) for text in found if text)


def parse_db_uri(text: str, *, base_dir: Path | None = None) -> Server | SqliteFile:
    """Return what a ``db_uri`` stands for; nothing is opened.

    Parameters
    ----------
    text
        The URI.
    base_dir
        The folder relative SQLite paths are tried against first.

    Raises
    ------
    BadDatabaseUri
        If it cannot be understood, or names a kind of database we do not read.
    DriverMissing
        If the driver for it is not installed.
    """
    scheme, separator, rest = text.strip().partition("://")
    dialect, _, driver = scheme.lower().partition("+")
    if not separator or not dialect:
        raise BadDatabaseUri("(unreadable)", "it is no database URI", _FORM)
    kind = _KINDS.get(dialect)
    if kind is None:
        raise BadDatabaseUri(f"{dialect}://…", f"the bot does not read {dialect!r}", _FORM)
    if kind == "sqlite":
        return SqliteFile.parse(rest, base_dir=base_dir)
    return _server(kind, driver, rest)


def server_url(text: str) -> sa.URL:
    """Return the SQLAlchemy URL of a PostgreSQL or MySQL URI, with an installed driver.

    Raises
    ------
    BadDatabaseUri, DriverMissing
        As `parse_db_uri`; also for SQLite.
    """
    location = parse_db_uri(text)
    if isinstance(location, SqliteFile):
        raise BadDatabaseUri(location.shown, "it names a file, not a server", _FORM)
    return location.url


def _server(kind: str, asked: str, rest: str) -> Server:
    try:
        url = sa.make_url(f"{kind}://{rest}")
        in_range = url.port is None or 0 < url.port < 65536
    except (sa.exc.ArgumentError, ValueError):
        in_range = False
    if not in_range:  # the parser's own words may quote the password
        raise BadDatabaseUri(f"{kind}://…", "host, port or password cannot be read", _SPECIAL)
    ours, extra = _DRIVERS[kind]
    if asked and asked != ours and _is_usable(f"{kind}+{asked}"):
        return Server(kind, url.set(drivername=f"{kind}+{asked}"))
    if not _is_usable(f"{kind}+{ours}"):
        raise DriverMissing(_shown(url), _PACKAGES[ours], extra)
    replaced = asked if asked != ours else None
    return Server(kind, url.set(drivername=f"{kind}+{ours}"), replaced or None)


def _shown(url: sa.URL) -> str:
    kind = url.get_backend_name()
    host = url.host or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{kind}://{host}{port}/{url.database or ''}"


@cache
def _is_usable(drivername: str) -> bool:
    """Whether a driver is installed and synchronous."""
    try:
        dialect = sa.make_url(f"{drivername}://").get_dialect()
        dialect.import_dbapi()
    except (sa.exc.SQLAlchemyError, ImportError):
        return False
    return not dialect.is_async
