"""Which tables and columns are found, on every engine."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.backend import TenantDatabase, schema
from tests.servers import writable_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.conftest import OpenDatabase


def run(uri: str, *statements: str) -> None:
    with writable_engine(uri).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def test_the_newest_backends_database_lacks_nothing(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    shape = open_database(newest_uri).shape

    assert shape.tables == {
        name: frozenset(table.columns.keys()) for name, table in schema.metadata.tables.items()
    }
    assert shape.views == frozenset()


def test_what_an_old_database_lacks_is_noticed(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(newest_uri, "DROP TABLE synthetic_ground_cz", "ALTER TABLE event DROP COLUMN raw_json")

    shape = open_database(newest_uri).shape

    assert not shape.has("synthetic_ground_cz")
    assert not shape.has("synthetic_ground_cz", "id")
    assert shape.has("event", "cmdr")
    assert not shape.has("event", "raw_json")


def test_an_empty_database_has_no_tables(backend_uri: str, open_database: OpenDatabase) -> None:
    assert open_database(backend_uri).shape.tables == {}


def test_a_view_counts_as_a_table(backend_uri: str, open_database: OpenDatabase) -> None:
    run(
        backend_uri,
        "CREATE TABLE archive (id INTEGER PRIMARY KEY, cmdr VARCHAR(64))",
        "CREATE VIEW event AS SELECT id, cmdr FROM archive",
    )

    shape = open_database(backend_uri).shape

    assert shape.tables == {"event": frozenset({"id", "cmdr"})}
    assert shape.views == {"event"}


def test_a_view_on_something_gone_is_no_hindrance(
    newest_uri: str, open_database: OpenDatabase, backend_name: str
) -> None:
    run(newest_uri, "ALTER TABLE event RENAME TO event_2024")
    run(newest_uri, "CREATE VIEW event AS SELECT id, cmdr FROM event_2024")
    with_cascade = "DROP TABLE event_2024" + (" CASCADE" if backend_name == "postgresql" else "")
    run(newest_uri, with_cascade)

    assert open_database(newest_uri).shape.has("synthetic_cz", "cz_type")


def test_columns_are_found_in_any_case_where_the_engine_finds_them(
    backend_uri: str, open_database: OpenDatabase, backend_name: str
) -> None:
    quote = '"' if backend_name == "postgresql" else "" if backend_name == "sqlite" else "`"
    run(backend_uri, f"CREATE TABLE event (id INTEGER PRIMARY KEY, {quote}CMDR{quote} VARCHAR(64))")
    database = open_database(backend_uri)

    assert database.shape.has("event", "cmdr") is (backend_name != "postgresql")
    if database.shape.has("event", "cmdr"):
        with database.read() as connection:
            assert connection.execute(sa.select(schema.event.c.cmdr)).all() == []


@pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
def test_the_search_path_decides_which_table_is_meant(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    name = sa.make_url(newest_uri).database
    run(
        newest_uri,
        "CREATE SCHEMA wolves",
        "CREATE TABLE wolves.event (id INTEGER PRIMARY KEY, cmdr VARCHAR(64))",
        f"ALTER DATABASE {name} SET search_path = wolves, public",
    )

    shape = open_database(newest_uri).shape

    assert shape.tables["event"] == {"id", "cmdr"}
    assert shape.has("synthetic_cz", "cz_type")


@pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
def test_a_table_that_may_not_be_read_counts_as_missing(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    url = sa.make_url(newest_uri)
    reader = f"{url.database}_reader"
    run(
        newest_uri,
        f"CREATE ROLE {reader} LOGIN",
        f"GRANT SELECT ON event, synthetic_cz TO {reader}",
    )
    try:
        shape = open_database(url.set(username=reader).render_as_string()).shape
    finally:
        run(newest_uri, f"DROP OWNED BY {reader}", f"DROP ROLE {reader}")

    assert shape.tables.keys() == {"event", "synthetic_cz"}


def test_within_a_read_it_is_inspected_there_even_while_a_writer_waits(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, check_same_thread=False)) as backend:
        backend.execute("CREATE TABLE event (id INTEGER PRIMARY KEY)")
        backend.commit()
        database = TenantDatabase(f"sqlite:///{path}", query_timeout=10)
        with database.read() as connection:
            connection.execute(sa.select(schema.event.c.id)).all()
            backend.execute("INSERT INTO event VALUES (1)")
            writer = threading.Thread(target=backend.commit)
            writer.start()
            writer.join(0.3)
            assert writer.is_alive(), "the writer waits for the reader"

            assert database.shape.has("event", "id")
        writer.join()
