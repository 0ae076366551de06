"""What a report says: frozen values in the field's words, free of any drawing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.periods import Window

UNKNOWN = "Unknown"


class SectionKey(StrEnum):
    """The sections of the daily summary, in their order."""

    MARKET = "market"
    MISSIONS = "missions"
    INFLUENCE = "influence"
    OWN_INFLUENCE = "own_influence"
    BOUNTIES = "bounties"
    BONDS = "bonds"
    EXPLORATION = "exploration"
    FINES = "fines"

    @property
    def unit(self) -> str:
        """The name of the section's figure in JSON and CSV."""
        return _UNITS.get(self, "amount")


_UNITS = {
    SectionKey.MARKET: "volume",
    SectionKey.MISSIONS: "missions",
    SectionKey.INFLUENCE: "influence",
    SectionKey.OWN_INFLUENCE: "influence",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a section.

    Attributes
    ----------
    rank
        Place in the section, from 1.
    cmdr
        The CMDR's name, untrusted text.
    value
        The figure: Cr, missions or influence (see `SectionKey.unit`).
    tonnes
        Traded tonnes; market section only.
    faction
        The faction of the work; influence section only, '' where unnamed.
    """

    rank: int
    cmdr: str
    value: int
    tonnes: int | None = None
    faction: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the daily summary.

    Attributes
    ----------
    cmdrs
        How many CMDRs the section has, those behind the cut included.
    rows_in_all
        How many rows the section has before the cut to the top N.
    total, tonnes
        The sum over all CMDRs; tonnes in the market section only.
    """

    key: SectionKey
    title: str
    cmdrs: int
    rows_in_all: int
    total: int
    rows: tuple[Row, ...]
    tonnes: int | None = None


@dataclass(frozen=True, slots=True)
class CzCounts:
    """Numbers of conflict zones by size; negative ones are corrections."""

    low: int = 0
    medium: int = 0
    high: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """The sum of all four."""
        return self.low + self.medium + self.high + self.unknown

    def __bool__(self) -> bool:
        return bool(self.low or self.medium or self.high or self.unknown)


@dataclass(frozen=True, slots=True)
class CzCmdr:
    """One CMDR's conflict zones in a system."""

    cmdr: str
    counts: CzCounts


@dataclass(frozen=True, slots=True)
class CzSettlement:
    """One settlement's ground conflict zones."""

    settlement: str
    total: int


@dataclass(frozen=True, slots=True)
class CzSystem:
    """The conflict zones of one star system."""

    system: str
    counts: CzCounts
    cmdrs: tuple[CzCmdr, ...]
    settlements: tuple[CzSettlement, ...] = ()


@dataclass(frozen=True, slots=True)
class DailyResult:
    """The daily summary.

    Attributes
    ----------
    missing
        Tables and columns (``table`` or ``table.column``) the report reads
        and the database lacks.
    newest_event
        Timestamp text of the newest event in the window, as the database has
        it; None where there is none.
    """

    window: Window
    sections: tuple[Section, ...]
    missing: tuple[str, ...] = ()
    newest_event: str | None = None
    report: str = "daily"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.sections


@dataclass(frozen=True, slots=True)
class CzResult:
    """A conflict-zone summary; ``report`` is ``spacecz`` or ``groundcz``."""

    report: str
    window: Window
    systems: tuple[CzSystem, ...]
    missing: tuple[str, ...] = ()
    newest_event: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.systems

    @property
    def counts(self) -> CzCounts:
        """The counts over all systems."""
        return CzCounts(
            low=sum(system.counts.low for system in self.systems),
            medium=sum(system.counts.medium for system in self.systems),
            high=sum(system.counts.high for system in self.systems),
            unknown=sum(system.counts.unknown for system in self.systems),
        )


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list: a name, untrusted text, and its figure."""

    rank: int
    name: str
    value: int


@dataclass(frozen=True, slots=True)
class ListSection:
    """One list of a report: names in the order of their figures.

    `bot.reports.api.ranked` makes one.

    Attributes
    ----------
    key
        Its name in JSON and CSV.
    unit, units
        What stands behind a figure of 1, and behind any other.
    noun, nouns
        What a name is the name of, for one and for several.
    rows_in_all
        How many rows there are before the cut to the top N.
    total
        The sum over all rows.
    """

    key: str
    title: str
    unit: str
    units: str
    noun: str
    nouns: str
    rows_in_all: int
    total: int
    rows: tuple[ListRow, ...]


@dataclass(frozen=True, slots=True)
class ListResult:
    """What an added report says: lists that are drawn without code of their own.

    Attributes
    ----------
    report
        Its key; the registry fills it in.
    missing, newest_event
        As in `DailyResult`.
    """

    window: Window
    sections: tuple[ListSection, ...]
    missing: tuple[str, ...] = ()
    newest_event: str | None = None
    report: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.sections


Result = DailyResult | CzResult | ListResult
