"""Reading a tenant's database on every engine: no writes, one snapshot, one time limit."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.backend import (
    BadDatabaseUri,
    DatabaseError,
    DatabaseFailed,
    DatabaseLocked,
    Databases,
    DatabaseUnreachable,
    QueryTimeout,
    TenantDatabase,
    schema,
)
from bot.tenants import Tenant, tenant_from_mapping
from tests.backend.silent import Relay, black_hole
from tests.servers import writable_engine

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from tests.backend.conftest import OpenDatabase

SERVERS = pytest.mark.parametrize("backend_name", ["postgresql", "mariadb"], indirect=True)
SCHEMES = pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
EVENT = {"event": "x", "timestamp": "", "tickid": "", "ticktime": "", "cmdr": "Ada"}
CMDRS = sa.select(schema.event.c.cmdr)
CROWD = 1000
ONE, TWO, THREE, FOUR = (schema.event.alias() for _ in range(4))
SLOW = sa.select(sa.func.count()).select_from(  # looks at nearly CROWD ** 4 rows
    ONE.join(TWO, ONE.c.id != TWO.c.id)
    .join(THREE, TWO.c.id != THREE.c.id)
    .join(FOUR, THREE.c.id != FOUR.c.id)
)


@pytest.fixture
def filled_uri(newest_uri: str) -> str:
    with writable_engine(newest_uri).begin() as connection:
        connection.execute(schema.event.insert(), EVENT)
    return newest_uri


@pytest.fixture
def database(filled_uri: str, open_database: OpenDatabase) -> TenantDatabase:
    return open_database(filled_uri)


def cmdrs(database: TenantDatabase) -> list[str | None]:
    with database.read() as connection:
        return list(connection.execute(CMDRS).scalars())


def test_a_stray_write_fails_and_changes_nothing(database: TenantDatabase) -> None:
    with pytest.raises(DatabaseFailed), database.read() as connection:
        connection.execute(schema.event.delete())
    with pytest.raises(DatabaseFailed), database.read() as connection:
        schema.metadata.drop_all(connection, tables=[schema.event], checkfirst=False)

    assert cmdrs(database) == ["Ada"]


def test_a_read_sees_one_snapshot(filled_uri: str, database: TenantDatabase) -> None:
    if database.dialect == "sqlite":
        with writable_engine(filled_uri).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with database.read() as connection:
        before = connection.execute(CMDRS).all()
        with writable_engine(filled_uri).begin() as backend:
            backend.execute(schema.event.insert(), EVENT)

        assert connection.execute(CMDRS).all() == before
    assert cmdrs(database) == ["Ada", "Ada"]


def test_a_statement_that_takes_too_long_is_stopped_by_the_engine(
    filled_uri: str, database: TenantDatabase
) -> None:
    with writable_engine(filled_uri).begin() as backend:
        backend.execute(schema.event.insert(), [EVENT] * CROWD)

    with pytest.raises(QueryTimeout) as caught, database.read(timeout=0.3) as connection:
        connection.execute(SLOW).all()

    assert caught.value.seconds == 0.3
    assert ("locked" in str(caught.value)) == (database.dialect == "mariadb")
    assert len(cmdrs(database)) == CROWD + 1


def test_a_read_whose_time_is_over_begins_no_further_statement(database: TenantDatabase) -> None:
    with database.read(timeout=0.3) as connection:
        connection.execute(CMDRS).all()
        time.sleep(0.35)
        with pytest.raises(QueryTimeout):
            connection.execute(CMDRS)


def server_limits(connection: sa.Connection) -> tuple[float, float]:
    """Return the seconds that a statement, and waiting for a lock in it, may take."""
    asked: list[sa.ColumnElement[float]]
    if connection.dialect.name == "postgresql":
        settings = (sa.func.current_setting(f"{what}_timeout") for what in ("statement", "lock"))
        spans = (sa.cast(setting, sa.Interval) for setting in settings)
        asked = [sa.cast(sa.func.extract("epoch", span), sa.Float) for span in spans]
    else:
        names = ("@@max_statement_time", "@@lock_wait_timeout")
        asked = [sa.literal_column(name, sa.Float) for name in names]
    row = connection.execute(sa.select(*asked)).one()
    return float(row[0]), float(row[1])


@SERVERS
def test_a_later_statement_gets_only_what_is_left_of_the_time(database: TenantDatabase) -> None:
    with database.read(timeout=10) as connection:
        at_first = server_limits(connection)
        time.sleep(1.1)
        later = server_limits(connection)

    assert 0 < at_first[1] < at_first[0] <= 10
    assert 0 < later[0] <= at_first[0] - 1.1
    assert 0 < later[1] <= at_first[1] - 1
    assert later[1] < later[0]


@contextmanager
def locked_event(uri: str, backend_name: str) -> Iterator[None]:
    lock = "LOCK TABLE event" if backend_name == "postgresql" else "LOCK TABLES event WRITE"
    with writable_engine(uri).begin() as backend:
        backend.exec_driver_sql(lock)
        yield
        if backend_name == "mariadb":
            backend.exec_driver_sql("UNLOCK TABLES")


LOCK_WAITS = pytest.mark.parametrize(
    ("backend_name", "timeout"),
    [("postgresql", 0.2), ("postgresql", 1.5), ("mariadb", 1.5), ("mariadb", 2.0)],
    indirect=["backend_name"],
)


@LOCK_WAITS
def test_a_locked_table_is_waited_for_and_reported_as_locked(
    filled_uri: str, database: TenantDatabase, backend_name: str, timeout: float
) -> None:
    cmdrs(database)
    with (
        locked_event(filled_uri, backend_name),
        pytest.raises(DatabaseLocked) as caught,
        database.read(timeout=timeout) as connection,
    ):
        connection.execute(CMDRS).all()

    assert caught.value.seconds == timeout
    assert "locked by another program" in str(caught.value)
    assert cmdrs(database) == ["Ada"]


@SERVERS
def test_a_lock_that_is_let_go_in_time_fails_nothing(
    filled_uri: str, database: TenantDatabase, backend_name: str
) -> None:
    found: list[list[str | None]] = []
    reader = threading.Thread(target=lambda: found.append(cmdrs(database)))
    with locked_event(filled_uri, backend_name):
        reader.start()
        reader.join(0.5)
        assert not found
    reader.join()

    assert found == [["Ada"]]


@pytest.mark.parametrize("backend_name", ["mariadb"], indirect=True)
def test_a_limit_too_short_to_tell_a_lock_names_it_as_a_possible_cause(
    filled_uri: str, database: TenantDatabase, backend_name: str
) -> None:
    cmdrs(database)
    with (
        locked_event(filled_uri, backend_name),
        pytest.raises(QueryTimeout, match="locked"),
        database.read(timeout=0.4) as connection,
    ):
        connection.execute(CMDRS).all()


def test_many_threads_share_a_database(database: TenantDatabase) -> None:
    found: list[list[str | None]] = []
    threads = [threading.Thread(target=lambda: found.append(cmdrs(database))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [["Ada"]] * 20


def test_an_error_of_the_callers_own_passes_unchanged(database: TenantDatabase) -> None:
    with pytest.raises(ZeroDivisionError), database.read():
        raise ZeroDivisionError

    assert cmdrs(database) == ["Ada"]


def test_a_database_disposed_of_while_in_use_closes_and_still_works(
    database: TenantDatabase,
) -> None:
    with database.read() as connection:
        database.dispose()
        assert connection.execute(CMDRS).scalars().all() == ["Ada"]

    assert cmdrs(database) == ["Ada"]


def test_a_table_that_is_gone_is_noticed_at_the_next_look(
    filled_uri: str, database: TenantDatabase
) -> None:
    assert database.shape.has("event")
    schema.metadata.drop_all(writable_engine(filled_uri), tables=[schema.event])

    with pytest.raises(DatabaseFailed):
        cmdrs(database)

    assert not database.shape.has("event")


@SERVERS
def test_names_of_every_script_come_back_whole(
    filled_uri: str, database: TenantDatabase, backend_name: str
) -> None:
    name = "Ådä 狼 \U0001f680 ‮x"
    with writable_engine(filled_uri).begin() as backend:
        backend.execute(schema.event.insert(), EVENT | {"cmdr": name})

    with database.read() as connection:
        found = connection.execute(CMDRS.where(schema.event.c.cmdr == name)).scalars().all()

    assert found == [name]


@pytest.fixture
def relay(filled_uri: str, backend_name: str) -> Iterator[tuple[Relay, str]]:
    url = sa.make_url(filled_uri)
    port = url.port or {"postgresql": 5432, "mariadb": 3306}[backend_name]
    passage = Relay(url.host or "127.0.0.1", port)
    through = url.set(host="127.0.0.1", port=passage.port)
    try:
        yield passage, through.render_as_string(hide_password=False)
    finally:
        passage.close()


@contextmanager
def silence(passage: Relay) -> Iterator[None]:
    passage.go_silent()
    yield


@SERVERS
def test_a_restarted_server_does_not_fail_the_next_report(
    relay: tuple[Relay, str], open_database: OpenDatabase
) -> None:
    passage, uri = relay
    database = open_database(uri)
    with database.read(), database.read(), database.read():
        pass  # several connections go into the pool

    passage.cut()

    assert [cmdrs(database) for _ in range(3)] == [["Ada"]] * 3


@SERVERS
def test_a_server_that_falls_silent_is_hung_up_on(
    relay: tuple[Relay, str],
    open_database: OpenDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.backend.engines.GRACE_SECONDS", 0.2)  # else it waits 2 s
    passage, uri = relay
    database = open_database(uri)

    with (
        caplog.at_level(logging.CRITICAL, "sqlalchemy"),
        pytest.raises(QueryTimeout),
        database.read(timeout=0.5) as connection,
        silence(passage),
    ):
        connection.execute(CMDRS).all()


@SCHEMES
def test_a_server_that_accepts_and_says_nothing_is_unreachable(
    scheme: str, open_database: OpenDatabase
) -> None:
    with black_hole() as port:
        database = open_database(f"{scheme}://ada:top-secret@127.0.0.1:{port}/x", 2)
        with pytest.raises(DatabaseUnreachable) as caught:
            cmdrs(database)

    assert_hidden(caught.value)


@SCHEMES
def test_many_who_wait_for_a_silent_server_wait_together(
    scheme: str, open_database: OpenDatabase
) -> None:
    callers: list[socket.socket] = []

    def ask(database: TenantDatabase) -> str:
        with pytest.raises(DatabaseError) as caught:
            _ = database.shape
        return type(caught.value).__name__

    with black_hole(callers) as port, ThreadPoolExecutor(6) as pool:
        database = open_database(f"{scheme}://ada:top-secret@127.0.0.1:{port}/x", 2)
        ended = list(pool.map(ask, [database] * 6))

    assert set(ended) <= {"DatabaseUnreachable", "QueryTimeout"}
    assert len(callers) == 1


@SCHEMES
def test_a_refused_connection_is_unreachable(scheme: str, open_database: OpenDatabase) -> None:
    database = open_database(f"{scheme}://ada:top-secret@127.0.0.1:1/x")

    with pytest.raises(DatabaseUnreachable) as caught:
        cmdrs(database)

    assert "127.0.0.1:1" in str(caught.value)
    assert_hidden(caught.value)


@SERVERS
def test_a_refused_user_and_an_unknown_database_are_unreachable(
    filled_uri: str, backend_name: str, open_database: OpenDatabase
) -> None:
    url = sa.make_url(filled_uri)
    stranger = url.set(username="bgs_nobody", password="top-secret")
    elsewhere = url.set(database="bgs_no_such_database", password="top-secret")
    for wrong in (stranger, elsewhere):
        with pytest.raises(DatabaseUnreachable) as caught:
            cmdrs(open_database(wrong.render_as_string(hide_password=False)))
        assert_hidden(caught.value)


@SCHEMES
def test_an_option_the_driver_does_not_know_is_a_fault_of_the_uri(
    scheme: str, open_database: OpenDatabase
) -> None:
    database = open_database(f"{scheme}://ada:top-secret@127.0.0.1:1/x?no_such_option=1")

    with pytest.raises((BadDatabaseUri, DatabaseUnreachable), match="option") as caught:
        cmdrs(database)

    assert_hidden(caught.value)


def assert_hidden(error: DatabaseError) -> None:
    assert "top-secret" not in "".join(traceback.format_exception(error))
    assert "\n" not in str(error)


def test_each_tenant_has_one_engine_until_its_uri_changes(filled_uri: str, tmp_path: Path) -> None:
    def tenant(uri: str) -> Tenant:
        raw = {"name": "Wolves", "api_key": "k", "db_uri": uri, "discord_webhooks": {}}
        return tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())

    databases = Databases(query_timeout=5)
    first = databases.get(tenant(filled_uri))
    assert cmdrs(first) == ["Ada"]

    assert databases.get(tenant(filled_uri)) is first
    assert databases.get(tenant("sqlite:///other.db")) is not first
    databases.dispose()
