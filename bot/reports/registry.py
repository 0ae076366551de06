"""The reports there are, by key, and what computes them.

Knowing a report is cheap; what computes it is loaded when it first runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import catalogue
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.reports.results import Result
    from bot.reports.source import Source


class UnknownReportError(BotError):
    """There is no report of this key."""

    def __init__(self, report: str, known: tuple[str, ...]) -> None:
        self.report = report
        self.known = known
        super().__init__(f"unknown report {report!r}; use one of: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its key in commands and files, its title, and what computes it.

    Attributes
    ----------
    sign, colour
        See `bot.catalogue.ReportInfo`.
    """

    key: str
    title: str
    compute: Callable[[Source], Result]
    sign: str = catalogue.OTHER_SIGN
    colour: int = catalogue.OTHER_COLOUR


_reports: dict[str, Report] = {}


def register(report: Report) -> None:
    """Add a report.

    Raises
    ------
    ReportRefusedError
        If its key or title is taken or will not do; it is a ValueError.
    """
    catalogue.add(catalogue.ReportInfo(report.key, report.title, report.sign, report.colour))
    _reports[report.key] = report


def unregister(key: str) -> None:
    """Take an added report out again; one that is not there is no error."""
    if key not in catalogue.OWN_KEYS:
        catalogue.remove(key)
        _reports.pop(key, None)


def get(key: str) -> Report:
    """Return the report of a key.

    Raises
    ------
    UnknownReportError
        If there is none.
    """
    # The catalogue decides: it drops what a faulty package had begun to add.
    if catalogue.find(key) is None or key not in _reports:
        raise UnknownReportError(key, keys())
    return _reports[key]


def keys() -> tuple[str, ...]:
    """Return the keys of all reports, in their order."""
    return catalogue.keys()


def _daily(source: Source) -> Result:
    from bot.reports import daily

    return daily.compute(source)


def _space_cz(source: Source) -> Result:
    from bot.reports import conflict_zones

    return conflict_zones.compute_space(source)


def _ground_cz(source: Source) -> Result:
    from bot.reports import conflict_zones

    return conflict_zones.compute_ground(source)


_OWN = {"daily": _daily, "spacecz": _space_cz, "groundcz": _ground_cz}

_reports |= {
    info.key: Report(info.key, info.title, _OWN[info.key], info.sign, info.colour)
    for info in catalogue.OWN
}
