"""The test servers themselves: fresh databases, and nothing left open unnoticed."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.servers import MARIADB_VARIABLE, POSTGRES_VARIABLE, fresh_database, writable_engine

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent


def test_each_database_is_fresh_and_its_own(make_database: Callable[[], str]) -> None:
    first, second = make_database(), make_database()

    assert first != second
    for uri in (first, second):
        assert sa.inspect(writable_engine(uri)).get_table_names() == []


def test_a_connection_left_open_is_noticed(backend_name: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        uri = stack.enter_context(fresh_database(backend_name, tmp_path, patience=0.2))
        left = writable_engine(uri).connect()
        left.execute(sa.select(1))

        with pytest.raises(AssertionError, match="left open"):
            stack.close()
    left.invalidate()
    left.close()


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_missing_servers_are_named_and_fail_only_in_ci(
    ci: str, status: int, tmp_path: Path
) -> None:
    nowhere = {
        POSTGRES_VARIABLE: "postgresql://nobody:secret-word@127.0.0.1:1/none",
        MARIADB_VARIABLE: "mysql://nobody:secret-word@127.0.0.1:1/none",
    }
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-k", "fresh_and_its_own", f"--basetemp={tmp_path / 'inner'}", str(Path(__file__))),
        ],
        cwd=ROOT,
        env={**os.environ, **nowhere, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == status, run.stdout
    assert "LEFT OUT FOR WANT OF A SERVER" in run.stdout
    for backend in ("postgresql", "mariadb"):
        assert f"test_each_database_is_fresh_and_its_own[{backend}]" in run.stdout
    assert "secret-word" not in run.stdout + run.stderr
