"""Whoever may only read is told which right is missing, and how to get it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.backend import DatabaseError, indexes
from tests.access import open_to_all
from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.backend.conftest import OpenDatabase

SERVERS = pytest.mark.parametrize("backend_name", ["postgresql", "mariadb"], indirect=True)
MARIADB = pytest.mark.parametrize("backend_name", ["mariadb"], indirect=True)
POSTGRES = pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
READER = f"bgsbot_test_{uuid.uuid4().hex[:8]}"
PASSWORD = "a-password-nobody-sees"
INDEX_AS_NOBODY = """
import os, sys
from bot.backend import TenantDatabase, indexes
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    database = TenantDatabase(sys.argv[1])
    indexes.create(database, indexes.missing(database))
    print("indexed")
except Exception as error:
    print(error)
"""


def index_as_nobody(path: Path) -> str:
    """Permissions do not bind root, so root works in the name of nobody."""
    return subprocess.run(
        [sys.executable, "-c", INDEX_AS_NOBODY, f"sqlite:///{path}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Return a database in a folder that everybody may reach."""
    path = tmp_path / "mount" / "x.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, timestamp TEXT)")
    open_to_all(tmp_path)
    yield path
    path.parent.chmod(0o755)


def test_a_file_that_may_not_be_written(file: Path) -> None:
    file.parent.chmod(0o777)
    file.chmod(0o444)
    told = index_as_nobody(file)
    assert str(file) in told
    assert "may not write the file" in told
    assert "run this command as the user that the backend runs as" in told

    file.chmod(0o666)
    assert index_as_nobody(file) == "indexed\n"


def test_a_folder_that_may_not_be_written(file: Path) -> None:
    file.chmod(0o666)
    file.parent.chmod(0o555)
    told = index_as_nobody(file)
    assert str(file) in told
    assert f"may not write to the folder {file.parent}" in told


@SERVERS
def test_a_login_that_may_only_read(newest_uri: str, open_database: OpenDatabase) -> None:
    with reader(newest_uri) as uri:
        database = open_database(uri)
        plans = indexes.missing(database)
        with pytest.raises(DatabaseError) as raised:
            indexes.create(database, plans)
        database.dispose()
    told = str(raised.value)
    expected = "GRANT INDEX ON" if "mysql" in newest_uri else "owner of the tables"
    assert expected in told
    assert PASSWORD not in told
    assert "_bgsbot_event" not in told  # nothing of the statement


@MARIADB
def test_the_right_that_is_named_is_enough(newest_uri: str, open_database: OpenDatabase) -> None:
    with reader(newest_uri, "SELECT, INDEX") as uri:
        database = open_database(uri)
        indexes.create(database, indexes.missing(database))
        assert indexes.drop(database)
        database.dispose()


@POSTGRES
def test_a_server_that_takes_no_writes(newest_uri: str, open_database: OpenDatabase) -> None:
    name = sa.make_url(newest_uri).database
    with writable_engine(newest_uri).begin() as connection:
        connection.execute(
            sa.text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        )
    database = open_database(newest_uri)
    plans = indexes.missing(database)
    with pytest.raises(DatabaseError, match="takes no writes"):
        indexes.create(database, plans)


@contextmanager
def reader(uri: str, rights: str = "SELECT") -> Iterator[str]:
    """Make a login that may do this only, and take it away again."""
    url = sa.make_url(uri)
    name = url.database
    if "mysql" in uri:
        make = [
            f"CREATE OR REPLACE USER {READER}@'%' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT {rights} ON `{name}`.* TO {READER}@'%'",
        ]
        end = [f"DROP USER {READER}@'%'"]
    else:
        make = [
            f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'",
            f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {READER}",
        ]
        end = [f"DROP OWNED BY {READER}", f"DROP ROLE {READER}"]
    run(uri, *make)
    try:
        yield url.set(username=READER, password=PASSWORD).render_as_string(hide_password=False)
    finally:
        run(uri, *end)


def run(uri: str, *statements: str) -> None:
    with writable_engine(uri).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
