"""Fresh databases on real servers, one per test, and proof that each was let go.

The servers are named by `TEST_POSTGRES_URI` and `TEST_MARIADB_URI`; the database
in the address is only where we log in, each test gets one of its own.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTGRES_VARIABLE = "TEST_POSTGRES_URI"
MARIADB_VARIABLE = "TEST_MARIADB_URI"
BACKENDS = ("sqlite", "postgresql", "mariadb")

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_SESSIONS = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = :name",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = :name",
}
_CREATE = {
    "postgresql": 'CREATE DATABASE "{name}"',
    "mariadb": "CREATE DATABASE `{name}` CHARACTER SET utf8mb4",
}
_DROP = {
    "postgresql": 'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
    "mariadb": "DROP DATABASE IF EXISTS `{name}`",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A database server for the tests.

    Attributes
    ----------
    backend
        ``postgresql`` or ``mariadb``.
    variable
        The environment variable that names it.
    uri
        The address in use.
    """

    backend: str
    variable: str
    uri: str

    @property
    def shown(self) -> str:
        """The address without its password."""
        return sa.make_url(self.uri).render_as_string(hide_password=True)


def server(backend: str) -> Server:
    """Return the server of a backend, from the environment or by default."""
    if backend == "postgresql":
        variable, default = POSTGRES_VARIABLE, "postgresql://postgres@127.0.0.1:5432/test"
    else:
        variable, default = MARIADB_VARIABLE, "mysql://root@127.0.0.1:3306/test"
    return Server(backend, variable, os.environ.get(variable) or default)


@cache
def unavailable(backend: str) -> str | None:
    """Return why a backend cannot be tested here, or None where it can."""
    if backend == "sqlite":
        return None
    target = server(backend)
    try:
        with _admin(target).connect():
            return None
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        reason = str(error).splitlines()[0]
        return f"no {backend} at {target.shown} (set {target.variable}): {reason}"


@contextmanager
def fresh_database(
    backend: str, folder: Path, *, patience: float = 5.0, made_with: str = ""
) -> Iterator[str]:
    """Create an empty database and yield its URI, as a tenant would write it.

    On the way out the database is dropped, after a check that nothing of this
    process is still connected to it.

    Parameters
    ----------
    backend
        One of `BACKENDS`.
    folder
        Where an SQLite file goes.
    patience
        Seconds a server may take to notice that a connection was closed.
    made_with
        What else the statement says that creates it on a server.

    Raises
    ------
    AssertionError
        If a connection to the database was left open.
    """
    name = f"bgs_{uuid.uuid4().hex[:12]}"
    if backend == "sqlite":
        path = folder / f"{name}.db"
        path.touch()
        yield f"sqlite:///{path}"
        _assert_no_open_file(path)
        return
    target = server(backend)
    admin = _admin(target)
    _run(admin, f"{_CREATE[backend].format(name=name)} {made_with}")
    try:
        uri = sa.make_url(target.uri).set(database=name)
        yield uri.render_as_string(hide_password=False)
        _assert_no_session(admin, backend, name, patience)
    finally:
        _run(admin, _DROP[backend].format(name=name))


def writable_engine(uri: str) -> sa.Engine:
    """Return an engine that may write, keeps no pool and thus needs no disposal."""
    url = sa.make_url(uri)
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() == "mysql" and "charset" not in url.query:
        url = url.update_query_dict({"charset": "utf8mb4"})
    return sa.create_engine(url, poolclass=NullPool)


def create_tables(uri: str, metadata: sa.MetaData) -> None:
    """Create all tables of a metadata in a database."""
    metadata.create_all(writable_engine(uri))


def empty_tables(uri: str, metadata: sa.MetaData) -> None:
    """Delete all rows of a metadata's tables: faster than a new database per example."""
    with writable_engine(uri).begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


def _admin(target: Server) -> sa.Engine:
    return writable_engine(target.uri).execution_options(isolation_level="AUTOCOMMIT")


def _run(engine: sa.Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


def _assert_no_session(admin: sa.Engine, backend: str, name: str, patience: float) -> None:
    """A server notices a closed connection a moment later, so this asks again for a while."""
    query = sa.text(_SESSIONS[backend])
    deadline = time.monotonic() + patience
    while True:
        with admin.connect() as connection:
            count = connection.execute(query, {"name": name}).scalar_one()
        if not count:
            return
        assert time.monotonic() < deadline, f"{count} connections left open to {name}"
        time.sleep(0.02)


def _assert_no_open_file(path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        return
    left = [link for link in descriptors.iterdir() if _target(link).startswith(str(path))]
    assert not left, f"{len(left)} connections left open to {path.name}"


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
