"""A database to put a squadron in, and what the reports say of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.backend import TenantDatabase
from tests.reports.asking import answer
from tests.servers import fresh_database
from tests.truth import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.squadron import Squadron

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)


class Asking:
    """Asks reports about squadrons, each in a database of its own.

    Parameters
    ----------
    make_uri
        Makes an empty database.
    """

    def __init__(self, make_uri: Callable[[], str]) -> None:
        self._make_uri = make_uri
        self._databases: list[TenantDatabase] = []
        self._squadrons: list[Squadron] = []
        self._stored: dict[tuple[int, frozenset[str], int], TenantDatabase] = {}

    def database(self, squadron: Squadron) -> TenantDatabase:
        """Return a database that holds this squadron; as it is now, it gets one only."""
        key = id(squadron.rows), squadron.lacks, sum(map(len, squadron.rows.values()))
        if key not in self._stored:
            uri = self._make_uri()
            squadron.store(uri)
            self._stored[key] = self.open(uri)
            self._squadrons.append(squadron)  # or another could take its place in memory
        return self._stored[key]

    def open(self, uri: str) -> TenantDatabase:
        """Return the database of a URI, to be closed with the others."""
        self._databases.append(TenantDatabase(uri))
        return self._databases[-1]

    def __call__(
        self, squadron: Squadron, report: str = "daily", code: str = "cd", **more: Any
    ) -> dict[str, Any]:
        """Return a report as JSON has it; ``now`` is `NOW` unless said otherwise."""
        question = Question(report, code, more.pop("now", NOW), **more)
        return answer(self.database(squadron), question)

    def sections(self, squadron: Squadron, **more: Any) -> dict[str, dict[str, Any]]:
        """Return the sections of the daily summary by key."""
        return {section["key"]: section for section in self(squadron, **more)["sections"]}

    def close(self) -> None:
        """Close all databases."""
        for database in self._databases:
            database.dispose()


@pytest.fixture
def ask(make_database: Callable[[], str]) -> Iterator[Asking]:
    """Ask on every engine."""
    asking = Asking(make_database)
    yield asking
    asking.close()


@pytest.fixture
def ask_sqlite(tmp_path: Path) -> Iterator[Asking]:
    """Ask on SQLite only, for what does not depend on the engine."""
    opened = []

    def make_uri() -> str:
        context = fresh_database("sqlite", tmp_path)
        opened.append(context)
        return context.__enter__()

    asking = Asking(make_uri)
    yield asking
    asking.close()
    for context in opened:
        context.__exit__(None, None, None)


class NameStatements:
    """The statements that were sent for names."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, conn: object, cursor: object, statement: str, *rest: object) -> None:
        if "count(*)" in statement:
            self.texts.append(statement)


@pytest.fixture
def statements() -> Iterator[NameStatements]:
    listening = NameStatements()
    sa.event.listen(sa.Engine, "before_cursor_execute", listening)
    yield listening
    sa.event.remove(sa.Engine, "before_cursor_execute", listening)
