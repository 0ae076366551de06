"""What the reports must say, worked out row by row in plain Python.

Written from the reports' definition and on its own: no select, no module of
the bot. `Truth` reads the rows of a `tests.squadron.Squadron` and answers in
the form of ``report --format json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.truth import daily, zones
from tests.truth.question import Question
from tests.truth.rows import Rows
from tests.truth.windows import days, window_of

if TYPE_CHECKING:
    from tests.truth.rows import Answer, Row

__all__ = ["Question", "Truth", "days"]


@dataclass(frozen=True)
class Truth:
    """The answers to all questions about some rows.

    Attributes
    ----------
    tables
        Columns by table, as the database has them.
    rows
        Rows by table; what they hold beyond ``tables`` does not exist.
    """

    tables: dict[str, frozenset[str]]
    rows: dict[str, list[Row]]

    def answer(self, question: Question) -> Answer:
        """Return the report as ``report --format json`` has it."""
        rows = Rows(self.tables, self.rows)
        window, chosen = window_of(rows, question)
        body = (
            {"sections": daily.sections(rows, question, chosen)}
            if question.report == "daily"
            else {"systems": zones.systems(rows, question, chosen)}
        )
        return {
            "report": question.report,
            "tenant": "wolves",
            "window": window,
            **body,
            "missing": sorted(rows.missing),
        }
