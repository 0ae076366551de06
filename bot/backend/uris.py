"""From a tenant's ``db_uri``, as the backend has it, to what we connect with."""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.backend.errors import BadDatabaseUri, DriverMissing
from bot.backend.sqlite import SqliteFile

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

_KINDS = {
    "sqlite": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
_DRIVERS = {"postgresql": ("psycopg", "postgres"), "mysql": ("pymysql", "mysql")}
_PACKAGES = {"psycopg": "psycopg", "pymysql": "PyMySQL"}
_PYMYSQL_SSL = frozenset(
    {"ssl_ca", "ssl_capath", "ssl_cert", "ssl_check_hostname", "ssl_cipher", "ssl_key"}
)
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
    """

    kind: str
    url: sa.URL

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


def _server(kind: str, asked: str, rest: str) -> Server:
    url = _parsed(f"{kind}://{rest}")
    if url is None:
        raise BadDatabaseUri(f"{kind}://…", "host, port or password cannot be read", _SPECIAL)
    ours, extra = _DRIVERS[kind]
    if asked and asked != ours and _is_usable(f"{kind}+{asked}"):
        return Server(kind, url.set(drivername=f"{kind}+{asked}"))
    if not _is_usable(f"{kind}+{ours}"):
        raise DriverMissing(_shown(url), _PACKAGES[ours], extra)
    if asked and asked != ours:
        url = _with_known_options(kind, url)
    return Server(kind, url.set(drivername=f"{kind}+{ours}"))


def _with_known_options(kind: str, url: sa.URL) -> sa.URL:
    """Leave out what only the driver understands that ours stands in for."""
    if kind == "postgresql" and "ssl" in url.query and "sslmode" not in url.query:
        url = url.update_query_pairs([("sslmode", str(url.query["ssl"]))])  # asyncpg's name
    foreign = sorted(url.query.keys() - _known_options(kind))
    if foreign:
        logger.warning("Options of another driver are left out: %s.", ", ".join(foreign))
    return url.difference_update_query(foreign)


def _known_options(kind: str) -> frozenset[str]:
    if kind == "postgresql":
        from psycopg.pq import Conninfo

        return frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
    from pymysql.connections import Connection

    return frozenset(inspect.signature(Connection).parameters) | _PYMYSQL_SSL


def _parsed(text: str) -> sa.URL | None:
    """Return the URL, or None for one that cannot be meant.

    The parser's own words may quote the password, and so would we if we took a piece
    of it for a host or a name.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        return None
    is_torn = "@" in (url.host or "") + (url.database or "")
    lost_user = url.username is None and "@" in text
    in_range = url.port is None or 0 < url.port < 65536
    return url if in_range and not is_torn and not lost_user else None


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
