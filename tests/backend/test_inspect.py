"""What ``bgs-bot check`` finds out about a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.backend import indexes, schema
from bot.backend.inspect import inspect_database
from tests.servers import writable_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.conftest import OpenDatabase

EVENT = {"event": "x", "tickid": "", "ticktime": ""}


def test_a_healthy_database_is_described(newest_uri: str, open_database: OpenDatabase) -> None:
    with writable_engine(newest_uri).begin() as connection:
        for day in ("11", "12"):
            row = EVENT | {"timestamp": f"2025-09-{day}T10:00:00Z"}
            connection.execute(schema.event.insert(), row)
    database = open_database(newest_uri)
    indexes.create(database, indexes.missing(database)[:1])

    facts = inspect_database(database)

    assert facts.is_reachable
    assert facts.dialect == database.dialect
    assert facts.problems == facts.missing_tables == facts.missing_columns == ()
    assert facts.row_counts["event"] == 2
    assert facts.row_counts["synthetic_cz"] == 0
    assert len(facts.indexes) == 1
    assert len(facts.missing_indexes) == len(indexes.needed(database)) - 1


def test_what_is_lacking_is_named_unless_an_older_form_stands_in(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    with writable_engine(newest_uri).begin() as connection:
        for statement in (
            "DROP TABLE synthetic_cz",
            "ALTER TABLE event DROP COLUMN raw_json",
            "ALTER TABLE commit_crime_event RENAME COLUMN bounty TO fine",
        ):
            connection.execute(sa.text(statement))

    facts = inspect_database(open_database(newest_uri))

    assert facts.missing_tables == ("synthetic_cz",)
    assert facts.missing_columns == ("event.raw_json",)


def test_an_empty_database_is_a_problem(backend_uri: str, open_database: OpenDatabase) -> None:
    facts = inspect_database(open_database(backend_uri))

    assert facts.is_reachable
    assert len(facts.problems) == 1
    assert "event" in facts.problems[0]
    assert facts.missing_tables == tuple(schema.REPORT_COLUMNS)


def test_a_database_out_of_reach_is_one_problem(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    for uri in (f"sqlite:///{tmp_path}/none.db", "postgresql://ada:top-secret@127.0.0.1:1/x"):
        facts = inspect_database(open_database(uri))

        assert not facts.is_reachable
        assert len(facts.problems) == 1
        assert "top-secret" not in repr(facts)


def test_a_damaged_file_is_told_of_and_not_stumbled_over(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    path = tmp_path / "x.db"
    path.touch()
    uri = f"sqlite:///{path}"
    schema.metadata.create_all(writable_engine(uri))
    with writable_engine(uri).begin() as connection:
        rows = [EVENT | {"timestamp": f"{number}", "raw_json": "x" * 500} for number in range(500)]
        connection.execute(schema.event.insert(), rows)
    content = bytearray(path.read_bytes())
    content[-100_000:] = b"\xff" * 100_000
    path.write_bytes(content)

    facts = inspect_database(open_database(uri))

    assert facts.problems
    assert all("\n" not in problem for problem in facts.problems)
