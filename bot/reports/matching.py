"""Which of the rows that a select returned belong to a report.

The engines fold case and compare times each in their own way, so a filter and
the edges of a tick are applied here, to rows that the select has told apart
by the columns that matter.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.reports.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.reports.filters import Filters


def text_of(value: object) -> str:
    """Return what a text column holds as text; NULL reads as ''."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def number_of(value: Any) -> int:
    """Return a sum as an integer: engines answer Decimal for it, or NULL."""
    return int(value) if value is not None else 0


@dataclass(frozen=True, slots=True)
class Names:
    """Names to compare whole, by Unicode casefold; none of them lets all pass."""

    folded: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Return the names, folded."""
        return cls(frozenset(name.casefold() for name in names))

    def __bool__(self) -> bool:
        return bool(self.folded)

    def match(self, name: object) -> bool:
        """Whether this name is among them."""
        return not self.folded or text_of(name).casefold() in self.folded

    def match_voucher(self, faction: object, factions: object) -> bool:
        """Whether a voucher's faction is, or without one any in its ``factions``."""
        if not self.folded or faction:
            return self.match(faction)
        names = voucher_factions(text_of(factions)) or ("",)
        return any(self.match(name) for name in names)


@lru_cache(maxsize=1024)
def voucher_factions(text: str) -> tuple[str, ...]:
    """Return the names in a voucher's list of ``{"Faction": …, "Amount": …}``."""
    entries = _literal(text)
    if not isinstance(entries, list):
        entries = [entries]
    names = [entry.get("Faction") if isinstance(entry, dict) else entry for entry in entries]
    return tuple(name for name in names if isinstance(name, str) and name)


def _literal(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class TickSpan:
    """The times ``[since, until)`` that belong to a tick; the newest has no end."""

    since: datetime
    until: datetime | None

    def holds(self, ticktime: object, timestamp: object) -> bool:
        """Whether an event with these texts belongs to the tick."""
        moment = parse_moment(text_of(ticktime)) or parse_moment(text_of(timestamp))
        if moment is None or moment < self.since:
            return False
        return self.until is None or moment < self.until


@dataclass(frozen=True, slots=True)
class Matcher:
    """Everything that rows of one report are held against."""

    systems: Names
    factions: Names
    cmdrs: Names
    settlements: Names
    span: TickSpan | None = None

    @classmethod
    def of(cls, filters: Filters, span: TickSpan | None) -> Matcher:
        """Return the matcher of a report's filters and tick."""
        return cls(
            Names.of(filters.systems),
            Names.of(filters.factions),
            Names.of(filters.cmdrs),
            Names.of(filters.settlements),
            span,
        )

    def in_tick(self, row: Any) -> bool:
        """Whether a row with an event's times belongs to the tick."""
        return self.span is not None and self.span.holds(row.ticktime, row.timestamp)
