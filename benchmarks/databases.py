"""The databases to measure on: built once, kept for the next run.

Of each size there are two: one with nothing but primary keys, as most
backends have it, and one with what ``bgs-bot index`` adds.
"""

from __future__ import annotations

import hashlib
import inspect
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from bot.backend import index_plans, indexes
from bot.backend.engines import TenantDatabase
from bot.backend.schema import metadata
from bot.sandbox import deeds, galaxy, journal, scene, squadrons, timeline, wars
from bot.sandbox.galaxy import make_squadron
from bot.sandbox.journal import generate_rows
from bot.sandbox.scene import COLUMNS
from bot.sandbox.squadrons import write_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from bot.sandbox.scene import Batch

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
NOW = datetime(2025, 12, 1, 0, 0, 30, tzinfo=UTC)
"""The reports' clock: a month before the end, so that late arrivals follow."""
FACTION_NAME = "Wolves of Kamadi"
_SEED = 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database to measure on.

    Attributes
    ----------
    place
        The file of an SQLite database, the driver's address of a PostgreSQL one.
    uri
        The same as a tenant's ``db_uri``.
    """

    engine: str
    events: int
    indexed: bool
    place: str
    uri: str


def prepare(
    engine: str, events: int, folder: Path, server: str, say: Callable[[str], None]
) -> tuple[Prepared, Prepared]:
    """Return the plain and the indexed database, building what is not there.

    Parameters
    ----------
    engine
        ``sqlite`` or ``postgresql``.
    folder
        Where SQLite files are kept.
    server
        Address of the PostgreSQL server, with a database to log in to.
    say
        Told what takes long.
    """
    if engine == "sqlite":
        return _prepare_sqlite(events, folder, say)
    return _prepare_postgresql(events, server, say)


def _prepare_sqlite(
    events: int, folder: Path, say: Callable[[str], None]
) -> tuple[Prepared, Prepared]:
    folder.mkdir(parents=True, exist_ok=True)
    plain, indexed = (folder / f"{name}.db" for name in _names(events))
    if not plain.exists():
        say(f"building SQLite, {events} events")
        unready = plain.with_suffix(".unready")
        write_sqlite(unready, _rows(events))
        with closing(sqlite3.connect(unready)) as connection:
            for name in _schema_indexes():
                connection.execute(f"DROP INDEX {name}")
        unready.replace(plain)
    if not indexed.exists():
        say(f"indexing SQLite, {events} events")
        unready = plain.with_suffix(".unready")
        shutil.copyfile(plain, unready)
        _index(f"sqlite:///{unready}")
        unready.replace(indexed)
    return (
        Prepared("sqlite", events, False, str(plain), f"sqlite:///{plain}"),
        Prepared("sqlite", events, True, str(indexed), f"sqlite:///{indexed}"),
    )


def _prepare_postgresql(
    events: int, server: str, say: Callable[[str], None]
) -> tuple[Prepared, Prepared]:
    plain, indexed = _names(events)
    with psycopg.connect(_address(server), autocommit=True) as connection:
        there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if plain not in there:
            say(f"building PostgreSQL, {events} events")
            with _new_database(connection, plain, None) as unready:
                _fill(_address(server, unready), _rows(events))
        if indexed not in there:
            say(f"indexing PostgreSQL, {events} events")
            with _new_database(connection, indexed, plain) as unready:
                _index(_address(server, unready))
                with psycopg.connect(_address(server, unready), autocommit=True) as filled:
                    filled.execute("VACUUM ANALYZE")
    places = (_address(server, plain), _address(server, indexed))
    return (
        Prepared("postgresql", events, False, places[0], places[0]),
        Prepared("postgresql", events, True, places[1], places[1]),
    )


@contextmanager
def _new_database(connection: psycopg.Connection, name: str, template: str | None) -> Iterator[str]:
    """Make a database under another name, and give it its own when it is complete."""
    unready = f"bgs_bench_unready_{name.removeprefix('bgs_bench_')}"
    new, model = sql.Identifier(unready), sql.Identifier(template or "template1")
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(new))
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, model))
    yield unready
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, sql.Identifier(name)))


def _address(server: str, database: str | None = None) -> str:
    url = make_url(server).set(drivername="postgresql")
    if database is not None:
        url = url.set(database=database)
    return url.render_as_string(hide_password=False)


def drop_postgresql(server: str) -> list[str]:
    """Drop every database that the benchmark made on a server; return their names."""
    with psycopg.connect(_address(server), autocommit=True) as connection:
        names = [
            str(row[0])
            for row in connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'bgs\\_bench\\_%'"
            )
        ]
        for name in names:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    return names


def _rows(events: int) -> Iterator[Batch]:
    squadron = make_squadron("bench", "Bench", FACTION_NAME, seed=_SEED, cmdrs=150, systems=60)
    return generate_rows(squadron, start=START, days=DAYS, events=events, seed=_SEED)


def _fill(uri: str, rows: Iterator[Batch]) -> None:
    engine = create_engine(make_url(uri).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    metadata.create_all(engine)
    engine.dispose()
    with psycopg.connect(uri) as connection:
        for batch in rows:
            for table, lines in batch.items():
                _copy(connection, table, lines)
        for name in _schema_indexes():
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _copy(
    connection: psycopg.Connection, table: str, lines: list[tuple[int | str | None, ...]]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in lines:
            copy.write_row(line)


def _index(uri: str) -> None:
    database = TenantDatabase(uri, query_timeout=600)
    try:
        indexes.create(database, indexes.missing(database))
    finally:
        database.dispose()


def _schema_indexes() -> list[str]:
    names = [index.name for table in metadata.tables.values() for index in table.indexes]
    return [str(name) for name in names]


def _names(events: int) -> tuple[str, str]:
    """Names of the plain and the indexed database; other rows get other names."""
    modules = (deeds, galaxy, journal, scene, squadrons, timeline, wars)
    plain = f"bgs_bench_{events}_{_fingerprint(*modules)}"
    return plain, f"{plain}_ix{_fingerprint(index_plans)}"


def _fingerprint(*modules: ModuleType) -> str:
    text = "".join(inspect.getsource(module) for module in modules)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
