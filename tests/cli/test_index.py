"""``index``: lists, asks, creates, and takes away again."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import tenant, write_database

if TYPE_CHECKING:
    from tests.cli.commands import Home


def ours(home: Home, name: str = "wolves") -> list[str]:
    """Return the indexes of ours in a tenant's database."""
    statement = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'ix_bgsbot_%'"
    with closing(sqlite3.connect(home.folder / f"{name}.db")) as connection:
        return [name for (name,) in connection.execute(statement)]


async def test_what_is_missing_is_listed_and_created_after_a_yes(home: Home) -> None:
    ended = await home.run("index", stdin="y\n")
    assert ended.status == 0
    created = ours(home)
    assert created
    assert all(name in ended.out for name in created)
    assert f"wolves: {len(created)} created." in ended.out
    assert "these indexes add about 0.1 MB." in ended.out


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
async def test_without_a_yes_nothing_is_changed(home: Home, answer: str) -> None:
    before = (home.folder / "wolves.db").read_bytes()
    ended = await home.run("index", stdin=answer)
    assert ended.status == 1
    assert "othing was changed" in ended.err
    assert (home.folder / "wolves.db").read_bytes() == before


async def test_nobody_to_answer_is_told_of_yes(home: Home) -> None:
    assert "--yes" in (await home.run("index")).err


async def test_yes_does_not_ask_and_a_second_run_finds_nothing_to_do(home: Home) -> None:
    assert (await home.run("index", "--yes")).status == 0
    again = await home.run("index")
    assert again.status == 0
    assert "Nothing to do" in again.out


async def test_undo_takes_ours_away_and_no_other(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "wolves.db")) as connection:
        connection.execute("CREATE INDEX theirs ON event (cmdr)")
    await home.run("index", "--yes")
    ended = await home.run("index", "--undo", "--yes")
    assert ended.status == 0
    assert ours(home) == []
    with closing(sqlite3.connect(home.folder / "wolves.db")) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE name = 'theirs'").fetchall()
    assert rows
    assert "No database has an index of ours." in (await home.run("index", "--undo")).out


async def test_undo_tells_how_to_shrink_the_file_and_that_works(home: Home) -> None:
    path = home.folder / "wolves.db"
    before = path.stat().st_size
    await home.run("index", "--yes")
    grown = path.stat().st_size
    ended = await home.run("index", "--undo", "--yes")
    assert path.stat().st_size == grown > before
    assert "wolves: the file keeps its size" in ended.out

    *_, program, file, statement = shlex.split(ended.out.strip().rpartition("run: ")[2])
    assert program == "sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
    assert path.stat().st_size <= before


async def test_help_tells_what_undo_leaves(home: Home) -> None:
    assert "An SQLite file keeps its size" in " ".join(
        (await home.run("index", "--help")).out.split()
    )


async def test_one_tenant_can_be_chosen(home: Home) -> None:
    write_database(home.folder / "owls.db")
    home.tenants(tenant("Wolves"), tenant("Owls"))
    assert (await home.run("index", "--yes", "--tenant", "owls")).status == 0
    assert ours(home, "owls")
    assert not ours(home)


async def test_a_database_that_is_gone_fails_alone(home: Home) -> None:
    home.tenants(tenant("Gone"), tenant("Wolves"))
    ended = await home.run("index", "--yes")
    assert ended.status == 1
    assert "gone.db" in ended.err
    assert ours(home)
    assert not (home.folder / "gone.db").exists()


async def test_options_that_a_driver_refuses_stop_no_other_squadron(home: Home) -> None:
    broken = tenant("Broken", db_uri="mysql://root@127.0.0.1/test?connect_timeout=soon")
    home.tenants(broken, tenant("Wolves"))
    ended = await home.run("index", "--yes")
    assert ended.status == 1
    assert "broken: " in ended.err
    assert "wolves: 13 created." in ended.out
