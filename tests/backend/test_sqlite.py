"""SQLite files: found where the admin put them, read as they are, never written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from bot.backend import (
    DatabaseFailed,
    DatabaseLocked,
    DatabaseUnreachable,
    TenantDatabase,
    UnreadableText,
    register_function,
    schema,
)
from tests.access import open_to_all

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE_NAMES = ["plain.db", "a b.db", "50%.db", "x%20y.db", "#1.db", "wölfe-狼.db", "a?b=c&d.db"]


def make_file(path: Path, *, wal: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, cmdr TEXT)")
        connection.execute("INSERT INTO event (cmdr) VALUES (?)", [path.name])
        connection.commit()
    return path


def cmdrs(uri: str, base_dir: Path | None = None) -> list[str]:
    database = TenantDatabase(uri, base_dir=base_dir, query_timeout=5)
    with database.read() as connection:
        return list(connection.execute(sa.select(schema.event.c.cmdr)).scalars())


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_path_of_any_signs_is_found(name: str, tmp_path: Path) -> None:
    make_file(tmp_path / name)

    assert cmdrs(f"sqlite:///{tmp_path / name}") == [name]
    assert cmdrs(f"sqlite:///{name}", base_dir=tmp_path) == [name]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_folder_of_any_signs_is_no_hindrance(name: str, tmp_path: Path) -> None:
    make_file(tmp_path / name / "x.db")

    assert cmdrs("sqlite:///x.db", base_dir=tmp_path / name) == ["x.db"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_the_file_uri_form_works_and_stays_read_only(name: str, tmp_path: Path) -> None:
    path = make_file(tmp_path / name)
    uri = f"sqlite:///file:{quote(str(path))}?mode=rwc&uri=true"

    assert cmdrs(uri) == [name]
    with pytest.raises(DatabaseFailed, match="readonly"):
        write_to(uri)


def write_to(uri: str) -> None:
    with TenantDatabase(uri).read() as connection:
        connection.execute(schema.event.delete())


def test_a_percent_escape_is_understood_where_no_file_has_the_literal_name(tmp_path: Path) -> None:
    make_file(tmp_path / "a b.db")

    assert cmdrs(f"sqlite:///{tmp_path}/a%20b.db") == ["a b.db"]


def test_a_relative_path_means_the_tenant_files_folder_before_the_working_directory(
    tmp_path: Path,
) -> None:
    (tmp_path / "work").mkdir()
    make_file(tmp_path / "work" / "db" / "only_here.db")
    make_file(tmp_path / "work" / "db" / "both.db").with_name("both.db")
    there = make_file(tmp_path / "tenants" / "db" / "both.db")
    with closing(sqlite3.connect(there)) as connection, connection:
        connection.execute("UPDATE event SET cmdr = 'beside the tenant file'")

    with working_in(tmp_path / "work"):
        assert cmdrs("sqlite:///db/both.db", tmp_path / "tenants") == ["beside the tenant file"]
        assert cmdrs("sqlite:///db/only_here.db", tmp_path / "tenants") == ["only_here.db"]


def test_a_missing_file_is_named_with_both_places_and_not_created(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with (
        working_in(tmp_path / "work"),
        pytest.raises(DatabaseUnreachable) as caught,
    ):
        cmdrs("sqlite:///lost.db", tmp_path)

    assert str(tmp_path / "lost.db") in str(caught.value)
    assert str(tmp_path / "work" / "lost.db") in str(caught.value)
    assert list(tmp_path.rglob("*.db")) == []


def test_a_file_that_appears_later_is_read_without_a_restart(tmp_path: Path) -> None:
    database = TenantDatabase(f"sqlite:///{tmp_path}/late.db")
    with pytest.raises(DatabaseUnreachable):
        database.shape  # noqa: B018  # the property reads the file
    make_file(tmp_path / "late.db")

    assert database.shape.has("event", "cmdr")


def test_a_folder_and_a_file_of_something_else_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all\n" * 100)

    with pytest.raises(DatabaseUnreachable, match="folder"):
        cmdrs(f"sqlite:///{tmp_path}")
    with pytest.raises(DatabaseFailed, match="no SQLite database"):
        cmdrs(f"sqlite:///{tmp_path}/text.db")


def test_a_lock_of_the_backend_is_waited_out(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db")
    with closing(sqlite3.connect(path, check_same_thread=False)) as backend:
        backend.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(0.5, backend.rollback)
        timer.start()

        assert cmdrs(f"sqlite:///{path}") == ["x.db"]

        timer.join()


def test_a_lock_that_stays_is_reported_as_such_after_the_time_limit(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db")
    database = TenantDatabase(f"sqlite:///{path}", query_timeout=0.3)
    with closing(sqlite3.connect(path)) as backend:
        backend.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLocked) as caught, database.read():
            pass

    assert caught.value.seconds == 0.3


def test_a_wal_database_is_read_while_the_backend_writes(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db", wal=True)
    with closing(sqlite3.connect(path)) as backend:
        backend.execute("BEGIN IMMEDIATE")
        backend.execute("INSERT INTO event (cmdr) VALUES ('unfinished')")

        assert cmdrs(f"sqlite:///{path}") == ["x.db"]


def test_one_read_sees_one_state_of_a_wal_database(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db", wal=True)
    names = sa.select(schema.event.c.cmdr)
    with (
        closing(sqlite3.connect(path)) as backend,
        TenantDatabase(f"sqlite:///{path}").read() as connection,
    ):
        before = connection.execute(names).all()
        backend.execute("INSERT INTO event (cmdr) VALUES ('Ada')")
        backend.commit()

        assert connection.execute(names).all() == before


READ_AS_NOBODY = """
import os, sys
from bot.backend import TenantDatabase
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    with TenantDatabase(sys.argv[1]).read():
        print("read")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_wal_database_in_a_read_only_folder_gets_advice_that_works(tmp_path: Path) -> None:
    path = make_file(tmp_path / "mount" / "x.db", wal=True)
    open_to_all(tmp_path)
    path.parent.chmod(0o555)
    try:
        told = read_as_nobody(f"sqlite:///{path}")
        advised = told[told.index("sqlite:///file:") :].strip()
        afterwards = read_as_nobody(advised)
    finally:
        path.parent.chmod(0o755)

    assert told.startswith(("DatabaseUnreachable", "DatabaseFailed"))
    assert "WAL" in told
    assert afterwards == "read\n"


def read_as_nobody(uri: str) -> str:
    """Permissions do not bind root, so root reads in the name of nobody."""
    return subprocess.run(
        [sys.executable, "-c", READ_AS_NOBODY, uri],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout


def test_a_registered_function_is_callable_in_sql(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db")
    register_function("bgsbot_test_shout", 1, lambda text: f"{text}!")

    with TenantDatabase(f"sqlite:///{path}").read() as connection:
        shouted = connection.scalar(sa.select(sa.func.bgsbot_test_shout(schema.event.c.cmdr)))

    assert shouted == "x.db!"


def test_text_that_is_no_utf8_is_read_at_the_second_try(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db")
    with closing(sqlite3.connect(path)) as backend, backend:
        backend.execute("UPDATE event SET cmdr = CAST(x'416461ff' AS TEXT)")
    database = TenantDatabase(f"sqlite:///{path}")

    with pytest.raises(UnreadableText), database.read() as connection:
        connection.execute(sa.select(schema.event.c.cmdr)).all()
    with database.read() as connection:
        assert connection.scalar(sa.select(schema.event.c.cmdr)) == "Ada�"


WRITE_AND_DIE = """
import os, sqlite3, sys
backend = sqlite3.connect(sys.argv[1], isolation_level=None)
backend.executemany("INSERT INTO event (cmdr) VALUES (?)", [("x" * 500,)] * 2000)
backend.execute("PRAGMA cache_size = 5")
backend.execute("BEGIN")
backend.execute("UPDATE event SET cmdr = cmdr || 'y'")
os._exit(9)
"""


def test_a_write_that_was_cut_off_is_left_for_the_backend_to_repair(tmp_path: Path) -> None:
    path = make_file(tmp_path / "x.db")
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(path)], check=False)

    with pytest.raises(DatabaseFailed, match="start it, so that it repairs"):
        cmdrs(f"sqlite:///{path}")

    with closing(sqlite3.connect(path)) as backend:
        assert backend.execute("SELECT count(*) FROM event WHERE cmdr LIKE '%y'").fetchone() == (0,)
    assert len(cmdrs(f"sqlite:///{path}")) == 2001
