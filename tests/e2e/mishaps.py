"""What other programs do to a squadron's database meanwhile."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.stage import Stage


@contextlib.contextmanager
def locked(stage: Stage, name: str) -> Iterator[None]:
    """Let another program keep a squadron's database for itself."""
    with contextlib.closing(sqlite3.connect(stage.folder / f"{name}.db")) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.rollback()
