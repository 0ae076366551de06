"""The indexes of ``bgs-bot index``: what is missing, made, and taken away without a trace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.backend import DatabaseLocked, DatabaseUnreachable, indexes, schema
from bot.backend.index_plans import INDEXES, PREFIX
from tests.servers import writable_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.conftest import OpenDatabase

MARIADB = pytest.mark.parametrize("backend_name", ["mariadb"], indirect=True)
POSTGRES = pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
SQLITE = pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)


def run(uri: str, *statements: str) -> None:
    with writable_engine(uri).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def index_names(uri: str) -> set[str | None]:
    inspector = sa.inspect(writable_engine(uri))
    return {
        index["name"]
        for table in inspector.get_table_names()
        for index in inspector.get_indexes(table)
    }


def test_all_are_made_once_and_undone_without_a_trace(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    database = open_database(newest_uri)
    before = index_names(newest_uri), sa.inspect(writable_engine(newest_uri)).get_table_names()
    told: list[tuple[str, bool]] = []

    plans = indexes.missing(database)
    indexes.create(database, plans, lambda plan, seconds: told.append((plan.name, seconds is None)))

    assert len(plans) == sum(database.dialect in wanted.engines for wanted in INDEXES)
    assert told == [(plan.name, begun) for plan in plans for begun in (True, False)]
    assert all(name.startswith(PREFIX) for name, _ in told)
    assert indexes.missing(database) == []
    assert indexes.ours(database) == sorted(plan.name for plan in plans)

    assert indexes.drop(database) == sorted(plan.name for plan in plans)
    after = index_names(newest_uri), sa.inspect(writable_engine(newest_uri)).get_table_names()
    assert after == before
    assert indexes.drop(database) == []


def test_only_columns_that_exist_are_indexed(newest_uri: str, open_database: OpenDatabase) -> None:
    run(
        newest_uri,
        "DROP TABLE synthetic_ground_cz",
        "ALTER TABLE event DROP COLUMN starsystem",
        "DROP INDEX ix_mission_completed_influence_event_id"
        + (" ON mission_completed_influence" if "mysql" in newest_uri else ""),
        "ALTER TABLE mission_completed_influence DROP COLUMN event_id",
        "ALTER TABLE commit_crime_event RENAME COLUMN bounty TO fine",
    )
    database = open_database(newest_uri)

    plans = {plan.table: plan for plan in indexes.missing(database) if plan.table != "event"}
    indexes.create(database, indexes.missing(database))

    assert "synthetic_ground_cz" not in plans
    assert "event_id" not in plans["mission_completed_influence"].columns
    assert "fine" in plans["commit_crime_event"].columns
    assert indexes.missing(database) == []


def test_an_equal_index_of_somebody_else_is_enough_and_stays(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(newest_uri, "CREATE INDEX theirs ON market_buy_event (event_id, value, count, stock)")
    run(newest_uri, "CREATE INDEX narrow ON market_sell_event (event_id)")
    database = open_database(newest_uri)

    tables = [plan.table for plan in indexes.missing(database)]
    assert "market_buy_event" not in tables
    assert "market_sell_event" in tables

    indexes.create(database, indexes.missing(database))
    indexes.drop(database)
    assert {"theirs", "narrow"} <= index_names(newest_uri)


def test_an_index_of_ours_is_renewed_when_the_table_gained_columns(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(newest_uri, "ALTER TABLE synthetic_cz DROP COLUMN cz_type")
    database = open_database(newest_uri)
    indexes.create(database, indexes.missing(database))
    run(newest_uri, "ALTER TABLE synthetic_cz ADD COLUMN cz_type VARCHAR(64)")
    database = open_database(newest_uri)

    plans = indexes.missing(database)
    assert [plan.table for plan in plans] == ["synthetic_cz"]
    indexes.create(database, plans)
    assert indexes.missing(database) == []


def test_a_view_gets_no_index(backend_uri: str, open_database: OpenDatabase) -> None:
    run(
        backend_uri,
        "CREATE TABLE archive (id INTEGER PRIMARY KEY, timestamp VARCHAR(64))",
        "CREATE VIEW event AS SELECT id, timestamp FROM archive",
    )

    assert indexes.missing(open_database(backend_uri)) == []


@MARIADB
def test_the_index_of_a_foreign_key_comes_back_when_ours_goes(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(newest_uri, "ALTER TABLE synthetic_cz ADD FOREIGN KEY (event_id) REFERENCES event (id)")
    before = index_names(newest_uri)
    database = open_database(newest_uri)

    indexes.create(database, indexes.missing(database))
    indexes.drop(database)

    assert index_names(newest_uri) == before


@MARIADB
def test_columns_too_long_for_a_key_are_shortened_or_left_out(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(
        newest_uri,
        "ALTER TABLE event MODIFY timestamp TEXT NOT NULL",
        "ALTER TABLE event MODIFY cmdr VARCHAR(700)",
        "ALTER TABLE event MODIFY starsystem VARCHAR(128)",
    )
    database = open_database(newest_uri)

    indexes.create(database, indexes.missing(database))

    assert indexes.missing(database) == []
    assert f"{PREFIX}event_window" in indexes.ours(database)


@POSTGRES
def test_texts_of_any_length_can_still_be_written(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(newest_uri, "ALTER TABLE event ALTER cmdr TYPE TEXT, ALTER starsystem TYPE VARCHAR(5000)")
    database = open_database(newest_uri)
    indexes.create(database, indexes.missing(database))

    row = {"event": "x", "timestamp": "t", "tickid": "", "ticktime": ""}
    hardly_compressible = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(4000))
    with writable_engine(newest_uri).begin() as connection:
        connection.execute(schema.event.insert(), row | {"cmdr": hardly_compressible})


@POSTGRES
def test_an_index_broken_off_half_way_is_made_anew(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    database = open_database(newest_uri)
    indexes.create(database, indexes.missing(database))
    run(
        newest_uri,
        "UPDATE pg_index SET indisvalid = false"
        f" WHERE indexrelid = '{PREFIX}event_window'::regclass",
    )

    plans = indexes.missing(database)
    assert [plan.name for plan in plans] == [f"{PREFIX}event_window"]
    indexes.create(database, plans)
    assert indexes.missing(database) == []


@SQLITE
def test_the_statistics_of_the_backend_outlive_ours(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    run(
        newest_uri,
        "INSERT INTO cmdr (name) VALUES ('Ada')",
        "CREATE INDEX theirs ON cmdr (squadron_name)",
        "ANALYZE",
    )
    database = open_database(newest_uri)
    indexes.create(database, indexes.missing(database))
    indexes.drop(database)

    with writable_engine(newest_uri).connect() as connection:
        left = connection.execute(sa.text("SELECT idx FROM sqlite_stat1 ORDER BY 1")).scalars()
        assert "theirs" in left.all()


def test_a_lock_of_the_backend_is_reported(
    tmp_path: Path, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "LOCK_SECONDS", 0.2)  # else it waits a minute
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as backend:
        backend.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, timestamp TEXT)")
        backend.commit()
        database = open_database(f"sqlite:///{path}")
        plans = indexes.missing(database)
        backend.execute("BEGIN IMMEDIATE")

        with pytest.raises(DatabaseLocked):
            indexes.create(database, plans)


def test_a_database_that_is_gone_is_not_made(tmp_path: Path, open_database: OpenDatabase) -> None:
    database = open_database(f"sqlite:///{tmp_path}/gone.db")

    with pytest.raises(DatabaseUnreachable):
        indexes.create(database, [])
    assert list(tmp_path.iterdir()) == []
