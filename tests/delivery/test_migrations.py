"""Making the state database and bringing it up to date."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text, inspect, update

from bot.delivery.ledger import Ledger, PartState, ledger_exists
from bot.delivery.state import tables
from bot.delivery.state.errors import LedgerTooNewError
from bot.delivery.state.queries import key_values, message_name
from bot.delivery.state.tables import REVISIONS, VERSION_TABLE, metadata
from bot.delivery.state.upgrade import MIGRATIONS, version_of
from bot.guilds.book import GuildBook
from tests.delivery.ledger_process import ROOT, race
from tests.delivery.ledgers import KEY, START, Clock, plan
from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


def test_migrations_and_tables_agree(backend_uri: str) -> None:
    Ledger.open(backend_uri).close()

    with writable_engine(backend_uri).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_known_revisions_are_those_of_the_migrations(backend_name: str) -> None:
    revisions = ScriptDirectory.from_config(_config()).walk_revisions()

    assert tuple(revision.revision for revision in revisions)[::-1] == REVISIONS


def test_a_ledger_exists_once_it_was_opened(backend_uri: str) -> None:
    assert not ledger_exists(backend_uri)

    Ledger.open(backend_uri).close()

    assert ledger_exists(backend_uri)


def test_what_was_written_is_there_when_opened_again(backend_uri: str) -> None:
    with Ledger.open(backend_uri) as ledger:
        plan(ledger)

    with Ledger.open(backend_uri) as ledger:
        assert ledger.exists(KEY)


def test_tables_of_others_are_left_alone(backend_uri: str) -> None:
    theirs = MetaData()
    Table("alembic_version", theirs, *_text_columns("version_num"))
    engine = writable_engine(backend_uri)
    theirs.create_all(engine)
    with engine.begin() as connection:
        connection.execute(theirs.tables["alembic_version"].insert(), {"version_num": "abc"})

    Ledger.open(backend_uri).close()

    with engine.connect() as connection:
        rows = connection.execute(theirs.tables["alembic_version"].select()).all()
        names = set(inspect(connection).get_table_names())
    assert rows == [("abc",)]
    assert names - {"alembic_version", "sqlite_sequence"} == {*metadata.tables, VERSION_TABLE}


def test_a_database_of_a_newer_bot_is_refused_and_left_alone(backend_uri: str) -> None:
    Ledger.open(backend_uri).close()
    version = Table(VERSION_TABLE, MetaData(), *_text_columns("version_num"))
    with writable_engine(backend_uri).begin() as connection:
        connection.execute(update(version).values(version_num="9999"))

    with pytest.raises(LedgerTooNewError, match="9999 is newer than this bot; update") as caught:
        Ledger.open(backend_uri)

    assert caught.value.version == "9999"


def test_processes_that_open_a_new_database_at_once_all_succeed(backend_uri: str) -> None:
    assert race("open", backend_uri, 4) == [["3"]] * 4


def test_threads_that_open_a_new_database_at_once_all_succeed(backend_uri: str) -> None:
    barrier = threading.Barrier(4)
    parts: list[int] = []

    def run() -> None:
        barrier.wait()
        with Ledger.open(backend_uri) as ledger:
            parts.append(len(plan(ledger, 2)))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert parts == [2, 2, 2, 2]


def test_alembic_is_imported_only_when_there_is_something_to_do(backend_uri: str) -> None:
    Ledger.open(backend_uri).close()
    code = (
        "import sys; from bot.delivery.ledger import Ledger;"
        "Ledger.open(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code, backend_uri], cwd=ROOT, check=False)

    assert done.returncode == 0


def test_making_a_database_leaves_the_logging_as_it_is(
    make_database: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.getLogger("bot").disabled)

    with caplog.at_level(logging.INFO):
        Ledger.open(make_database()).close()

    assert (list(root.handlers), root.level, logging.getLogger("bot").disabled) == before
    assert any("is now at version" in record.getMessage() for record in caplog.records)


def test_a_database_of_the_first_version_keeps_what_is_in_it(backend_uri: str) -> None:
    _make_first_version(backend_uri)

    with Ledger.open(backend_uri) as ledger:
        (part,) = ledger.parts(KEY)
        assert (part.state, part.payload) == (PartState.SENT, {"content": "\ud800"})
        assert ledger.first_seen("valk", START + timedelta(days=1)) == START
        assert ledger.known_message_ids(["100", "200"], channel=KEY.channel) == {"100"}
        assert GuildBook(ledger.database, Clock()).links() == {}

    with writable_engine(backend_uri).connect() as connection:
        assert version_of(connection) == REVISIONS[-1]


def test_processes_that_bring_a_database_up_to_date_at_once_all_succeed(backend_uri: str) -> None:
    _make_first_version(backend_uri)

    assert race("open", backend_uri, 4) == [["1"]] * 4

    with Ledger.open(backend_uri) as ledger:
        assert [part.state for part in ledger.history(limit=None)] == [PartState.SENT]


def test_the_guilds_migration_can_be_taken_back_and_leaves_the_ledger(backend_uri: str) -> None:
    with Ledger.open(backend_uri) as ledger:
        plan(ledger)
    with writable_engine(backend_uri).begin() as connection:
        command.downgrade(_config(connection), "0001")
        names = inspect(connection).get_table_names()
    assert not {"bgsbot_guild_link", "bgsbot_view"} & set(names)

    with Ledger.open(backend_uri) as ledger:
        assert ledger.exists(KEY)


def test_all_migrations_can_be_taken_back(backend_uri: str) -> None:
    Ledger.open(backend_uri).close()
    with writable_engine(backend_uri).begin() as connection:
        command.downgrade(_config(connection), "base")
        names = set(inspect(connection).get_table_names())
    assert names - {"sqlite_sequence"} == {VERSION_TABLE}

    Ledger.open(backend_uri).close()
    assert ledger_exists(backend_uri)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _make_first_version(uri: str) -> None:
    """Make the tables of revision 0001 and put a delivery into them that has arrived."""
    common = {"planned_at": START, "updated_at": START, "settled_at": START}
    row = {**key_values(KEY), **common, "state": PartState.SENT, "payload": {"content": "\ud800"}}
    row |= {"id": 7, "part": 1, "parts": 1, "period": "ld", "label": "", "message_id": "100"}
    name = message_name(KEY.channel, "100")
    known = {"message_id": name, "part_id": 7, "found": 0, "recorded_at": START}
    with writable_engine(uri).begin() as connection:
        command.upgrade(_config(connection), "0001")
        connection.execute(tables.part.insert(), row)
        connection.execute(tables.message.insert(), known)
        connection.execute(tables.tenant.insert(), {"tenant": "valk", "first_seen": START})


def _text_columns(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]
