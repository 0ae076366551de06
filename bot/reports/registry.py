"""The reports there are, by key.

Knowing a report is cheap; what computes it is loaded when it first runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """A report: its key in commands and files, its title, and what computes it."""

    key: str
    title: str
    compute: Callable[[Source], Result]


_reports: dict[str, Report] = {}


def register(report: Report) -> None:
    """Add a report.

    Raises
    ------
    ValueError
        If its key is taken.
    """
    if report.key in _reports:
        raise ValueError(f"there is a report {report.key!r} already")
    _reports[report.key] = report


def unregister(key: str) -> None:
    """Take a report out again; one that is not there is no error."""
    _reports.pop(key, None)


def get(key: str) -> Report:
    """Return the report of a key.

    Raises
    ------
    UnknownReportError
        If there is none.
    """
    try:
        return _reports[key]
    except KeyError:
        raise UnknownReportError(key, keys()) from None


def keys() -> tuple[str, ...]:
    """Return the keys of all reports, in their order."""
    return tuple(_reports)


def _daily(source: Source) -> Result:
    from bot.reports import daily

    return daily.compute(source)


def _space_cz(source: Source) -> Result:
    from bot.reports import conflict_zones

    return conflict_zones.compute_space(source)


def _ground_cz(source: Source) -> Result:
    from bot.reports import conflict_zones

    return conflict_zones.compute_ground(source)


register(Report("daily", "Daily Summary", _daily))
register(Report("spacecz", "Space CZ Summary", _space_cz))
register(Report("groundcz", "Ground CZ Summary", _ground_cz))
