"""Opening the state database, and what goes wrong with it."""

from __future__ import annotations

import socket
import sqlite3
import stat
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, event, make_url

from bot.delivery.ledger import Ledger, LedgerError, ledger_exists
from bot.delivery.state.database import state_url
from bot.delivery.state.errors import (
    LedgerLockedError,
    LedgerNotWritableError,
    LedgerUnreachableError,
    StateUriError,
)
from bot.errors import BotError
from tests.delivery.ledgers import KEY, claim, plan
from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

on_postgresql = pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)


def test_the_file_and_its_folder_are_for_the_bots_user_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data" / "state.db"

    Ledger.open(f"sqlite:///{path}").close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_looking_for_a_ledger_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "data" / "state.db"

    assert not ledger_exists(f"sqlite:///{path}")
    assert not path.parent.exists()


def test_sqlite_writes_ahead_and_through_to_the_disk(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def look(connection: Connection) -> None:
        names = ("synchronous", "foreign_keys")
        one, two = (connection.exec_driver_sql(f"PRAGMA {n}").scalar_one() for n in names)
        seen.append((one, two))

    event.listen(Engine, "commit", look)
    try:
        Ledger.open(f"sqlite:///{tmp_path}/state.db").close()
    finally:
        event.remove(Engine, "commit", look)

    with sqlite3.connect(tmp_path / "state.db") as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert mode == ("wal",)
    assert set(seen) == {(2, 1)}


def test_a_relative_path_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Ledger.open("sqlite:///state.db") as ledger:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        plan(ledger)
        assert ledger.exists(KEY)

    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "state.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://root:hunter2@localhost/state",
        "postgresql://bot:hunter2@localhost:port/state",
    ],
)
def test_an_address_that_will_not_do_is_refused_with_examples(uri: str) -> None:
    with pytest.raises(StateUriError, match="set STATE_DB_URI to sqlite:///path") as caught:
        Ledger.open(uri)

    assert "hunter2" not in str(caught.value)
    assert isinstance(caught.value, BotError)


@pytest.mark.parametrize(
    "uri", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"]
)
def test_postgresql_gets_our_driver(uri: str) -> None:
    assert state_url(uri).drivername == "postgresql+psycopg"


@pytest.mark.parametrize("driver", ["asyncpg", "unheard_of", "psycopg2"])
def test_a_driver_that_is_not_here_is_replaced_by_ours(driver: str) -> None:
    url = state_url(f"postgresql+{driver}://u@h/d?sslmode=require")

    assert url.drivername in {f"postgresql+{driver}", "postgresql+psycopg"}
    url.get_dialect().import_dbapi()
    assert url.query == {"sslmode": "require"}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(LedgerNotWritableError, match=r"file.*let the bot's user write"):
        Ledger.open(f"sqlite:///{tmp_path}/file/state.db")


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerNotWritableError, match="Is a directory"):
        Ledger.open(f"sqlite:///{tmp_path}")


def test_a_file_that_may_only_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch()

    with pytest.raises(LedgerNotWritableError, match="readonly database; let the bot's user"):
        Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true")


def test_a_file_of_another_kind_is_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"MZ" * 4096)

    with pytest.raises(LedgerError, match="not a database"):
        Ledger.open(f"sqlite:///{path}")
    with pytest.raises(LedgerError, match="not a database"):
        ledger_exists(f"sqlite:///{path}")


def test_a_writer_waits_for_another_programs_lock(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Ledger.open(f"sqlite:///{path}") as ledger:
        blocker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        blocker.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=plan, args=(ledger,))
        waiting.start()
        assert ledger.parts(KEY) == [], "readers do not wait"
        blocker.execute("COMMIT")
        blocker.close()
        waiting.join()
        assert ledger.exists(KEY)


def test_a_lock_that_is_never_given_back_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Ledger.open(f"sqlite:///{path}?timeout=0.05") as ledger:
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerLockedError, match="database is locked; look for a stuck"):
            plan(ledger)
        blocker.close()


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    uri = f"postgresql://bot:hunter2@127.0.0.1:{port}/state"

    with pytest.raises(LedgerUnreachableError, match="start the server") as caught:
        Ledger.open(uri)
    with pytest.raises(LedgerUnreachableError):
        ledger_exists(uri)

    assert caught.value.where == f"127.0.0.1:{port}/state"
    assert "hunter2" not in str(caught.value) + repr(caught.value)


@on_postgresql
def test_a_database_that_does_not_exist_is_named(backend_uri: str) -> None:
    url = make_url(backend_uri).set(database="no_such_state")

    with pytest.raises(LedgerUnreachableError, match='"no_such_state" does not exist'):
        Ledger.open(url.render_as_string(hide_password=False))


@on_postgresql
def test_a_connection_that_the_server_has_dropped_is_replaced(backend_uri: str) -> None:
    with Ledger.open(backend_uri) as ledger:
        plan(ledger)
        _end_sessions(backend_uri)

        assert claim(ledger, ledger.parts(KEY)[0]).key == KEY


@pytest.fixture
def dropped_before_commit(backend_uri: str) -> Iterator[list[str]]:
    """Drop the first connection that is about to commit."""
    dropped: list[str] = []

    def drop(connection: Connection) -> None:
        if not dropped:
            dropped.append("once")
            _end_sessions(backend_uri)

    event.listen(Engine, "commit", drop)
    yield dropped
    event.remove(Engine, "commit", drop)


@on_postgresql
def test_a_connection_lost_while_settling_loses_nothing(
    backend_uri: str, request: pytest.FixtureRequest
) -> None:
    with Ledger.open(backend_uri) as ledger:
        claimed = claim(ledger, plan(ledger)[0])
        ledger.begin_send(claimed)
        dropped = request.getfixturevalue("dropped_before_commit")

        assert ledger.settle_sent(claimed, "100")

        assert dropped == ["once"]
        assert ledger.known_message_ids(["100"], channel=KEY.channel) == {"100"}


def _end_sessions(uri: str) -> None:
    engine = writable_engine(uri).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
