"""The rows of a database, read as far as it has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.truth.question import Question

Row = dict[str, Any]
Answer = dict[str, Any]
Chosen = Callable[[Row], bool]


@dataclass
class Rows:
    """A reader of rows.

    Attributes
    ----------
    tables
        Columns by table, as the database has them.
    rows
        Rows by table; what they hold beyond ``tables`` does not exist.
    missing
        What was asked for and is not there.
    """

    tables: dict[str, frozenset[str]]
    rows: dict[str, list[Row]]
    missing: set[str] = field(default_factory=set)

    def read(
        self,
        table: str,
        needed: list[str],
        nullable: list[str],
        quiet: tuple[str, ...] = (),
    ) -> list[Row]:
        """All rows of a table; none where it is missing or lacks what is needed."""
        if table not in self.tables:
            self.missing.add(table)
            return []
        have = self.tables[table]
        lacks = [name for name in needed + nullable if name not in have and name not in quiet]
        self.missing.update(f"{table}.{name}" for name in lacks)
        if any(name not in have for name in needed):
            return []
        return [
            {name: row.get(name) if name in have else None for name in needed + nullable}
            for row in self.rows[table]
        ]

    def events(self, question: Question, *extra: str) -> list[Row]:
        """All events, with what a question needs to know of them and extra columns."""
        columns = ["cmdr", *extra]
        if question.systems and "starsystem" not in columns:
            columns.append("starsystem")
        bounded = question.code not in ("all",)
        needed = ["id", "timestamp"] if bounded else ["id"]
        columns += [] if bounded else ["timestamp"]
        if question.code in ("ct", "lt"):
            needed, columns = ["id"], [*columns, "timestamp", "tickid", "ticktime"]
        return self.read("event", needed, columns)


def when(text: str | None) -> datetime | None:
    """The time that a timestamp's text tells, in UTC."""
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            return datetime.strptime(text or "", form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
