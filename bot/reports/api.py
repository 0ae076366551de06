"""What the author of a report needs: one decorator, the rows, the lists.

See docs/adding-a-report.md for a whole report.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from bot.catalogue import OTHER_COLOUR, OTHER_SIGN, ReportRefusedError
from bot.errors import BotError
from bot.reports.needs import Need
from bot.reports.registry import Report, register
from bot.reports.results import ListResult, ListRow, ListSection
from bot.reports.rows import EventRow, EventRows, event_rows
from bot.reports.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "EventRow",
    "EventRows",
    "ListResult",
    "ListSection",
    "Need",
    "ReportRefusedError",
    "Source",
    "event_rows",
    "ranked",
    "report",
]

Compute = TypeVar("Compute", bound="Callable[[Source], ListResult]")

_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_WORDS = re.compile(r"[\w%/.-][\w %/.-]{0,23}")
_LONGEST_TITLE = 60


class ReportLeftError(BotError):
    """A report tried to end the program that asked for it."""

    def __init__(self, report: str, error: BaseException) -> None:
        self.report = report
        super().__init__(
            f"the report {report} would have ended the program ({type(error).__name__}); whoever"
            " wrote it must let it return, or raise an Exception"
        )


def report(
    key: str, *, title: str, sign: str = OTHER_SIGN, colour: int = OTHER_COLOUR
) -> Callable[[Compute], Compute]:
    """Register a function as a report.

    Parameters
    ----------
    key
        Its name in commands, the tenant file and the ledger: small letters,
        digits and underscores.
    title
        Its name for readers.
    sign, colour
        The emoji before the title, and the colour of its embeds.

    Raises
    ------
    ReportRefusedError
        If the key or the title is taken, or one of them will not do.
    """

    def decorate(compute: Compute) -> Compute:
        def computed(source: Source) -> ListResult:
            try:
                result = compute(source)
            except (Exception, KeyboardInterrupt):
                raise
            except BaseException as error:
                raise ReportLeftError(key, error) from error
            if not isinstance(result, ListResult):
                raise TypeError(f"report {key!r} must return a ListResult, not {result!r:.80}")
            return replace(result, report=key)

        register(Report(key, title, computed, sign, colour))
        return compute

    return decorate


def ranked(
    key: str,
    title: str,
    figures: Mapping[str, int],
    *,
    unit: str = "",
    units: str | None = None,
    noun: str = "CMDR",
    nouns: str | None = None,
) -> ListSection:
    """Return names in the order of their figures, the greatest first.

    Names without text are passed over, and so are figures of 0.

    Parameters
    ----------
    key, title
        The section's name in JSON and CSV, and for readers.
    figures
        A figure for each name.
    unit, units
        What stands behind a figure: ``mission`` and ``missions``, or ``Cr``
        alone where one and many are the same.
    noun, nouns
        What the names are names of, when it is not CMDRs; without ``nouns``
        an s is added.

    Raises
    ------
    ValueError
        If a text will not do.
    """
    words = {"unit": unit, "units": unit if units is None else units}
    words |= {"noun": noun, "nouns": f"{noun}s" if nouns is None else nouns}
    _check(key, title, words)
    counted = [(name, int(value)) for name, value in figures.items() if name.strip()]
    order = sorted((each for each in counted if each[1]), key=lambda each: (-each[1], each[0]))
    rows = tuple(ListRow(rank, name, value) for rank, (name, value) in enumerate(order, start=1))
    return ListSection(
        key,
        title,
        **words,
        rows_in_all=len(rows),
        total=sum(row.value for row in rows),
        rows=rows,
    )


def _check(key: str, title: str, words: Mapping[str, str]) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"the section key {key!r} will not do: use small letters and digits")
    if not (title.strip() and title.isprintable() and len(title) <= _LONGEST_TITLE):
        raise ValueError(f"section {key!r}: use a title of one line and 1 to 60 signs")
    for what, text in words.items():
        if not (_WORDS.fullmatch(text) or (text == "" and what in ("unit", "units"))):
            raise ValueError(f"section {key!r}: the {what} {text[:30]!r} will not do")
