"""The words and signs that both styles and the terminal share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot import catalogue
from bot.rendering.figures import counted, short, signed
from bot.rendering.limits import units
from bot.rendering.text import clean, plain
from bot.reports.moments import parse_moment
from bot.reports.results import CzResult, SectionKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.reports.results import CzCounts, ListSection, Result, Row, Section

GROUND = "groundcz"

SECTION_SIGNS = {
    SectionKey.MARKET: "📦",
    SectionKey.MISSIONS: "📜",
    SectionKey.INFLUENCE: "📈",
    SectionKey.OWN_INFLUENCE: "🚩",
    SectionKey.BOUNTIES: "🎯",
    SectionKey.BONDS: "🏅",
    SectionKey.EXPLORATION: "🔭",
    SectionKey.FINES: "🚨",
}

_TABLE_NAME_LIMIT = 130
_SIZES = ("low", "medium", "high", "unknown")


def report_title(report: str) -> str:
    """Return a report's title; one that is not there any more goes by its key."""
    info = catalogue.find(report)
    return info.title if info else clean(report)[:80].capitalize() or "Report"


def report_sign(report: str) -> str:
    """Return the emoji before a report's title."""
    info = catalogue.find(report)
    return info.sign if info else catalogue.OTHER_SIGN


def report_colour(report: str) -> int:
    """Return the colour of a report's embeds."""
    info = catalogue.find(report)
    return info.colour if info else catalogue.OTHER_COLOUR


def newest_event(result: Result) -> str:
    """Return the time of the newest event as readers see it, '' where it is none."""
    if not result.newest_event:
        return ""
    moment = parse_moment(result.newest_event)
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _table_name(name: str) -> str:
    return plain(name, _TABLE_NAME_LIMIT)


def missing(result: Result, limit: int, door: Callable[[str], str] = _table_name) -> str:
    """Return which tables and columns the report went without, '' where none.

    Parameters
    ----------
    limit
        The greatest length in UTF-16 units; names beyond it are counted.
    door
        Makes a name fit for where it goes.
    """
    if not result.missing:
        return ""
    text = "Not in the database: "
    shown = 0
    for name in result.missing:
        addition = f"{', ' if shown else ''}{door(name)}"
        if shown and units(text) + units(addition) > limit - len(" and 99999 more"):
            break
        text += addition
        shown += 1
    more = len(result.missing) - shown
    return f"{text} and {more} more" if more else text


def value_text(section: Section, row: Row) -> str:
    """Return a row's figure in short form."""
    match section.key:
        case SectionKey.MARKET:
            return f"{short(row.value)} Cr · {short(row.tonnes or 0)} t"
        case SectionKey.MISSIONS:
            return short(row.value)
        case SectionKey.INFLUENCE | SectionKey.OWN_INFLUENCE:
            return signed(row.value, grouped=True)
        case _:
            return f"{short(row.value)} Cr"


def total_text(section: Section) -> str:
    """Return a section's sum over all CMDRs in short form."""
    match section.key:
        case SectionKey.MARKET:
            return f"{short(section.total)} Cr · {short(section.tonnes or 0)} t"
        case SectionKey.MISSIONS:
            return counted(section.total, "mission")
        case SectionKey.INFLUENCE | SectionKey.OWN_INFLUENCE:
            return signed(section.total, grouped=True)
        case _:
            return f"{short(section.total)} Cr"


def amount(section: ListSection, figure: int, form: Callable[[int], str] = short) -> str:
    """Return a figure of a list with its unit."""
    unit = section.unit if figure == 1 else section.units
    return f"{form(figure)} {unit}".rstrip()


def named(section: ListSection, form: Callable[[int], str] = short) -> str:
    """Return how many names a list has, such as ``2 CMDRs``."""
    noun = section.noun if section.rows_in_all == 1 else section.nouns
    return f"{form(section.rows_in_all)} {noun}"


def sizes_text(counts: CzCounts) -> str:
    """Return conflict zones by size, such as ``1 low, 2 medium``; '' where all are 0."""
    sizes = ((size, getattr(counts, size)) for size in _SIZES)
    return ", ".join(f"{short(number)} {size}" for size, number in sizes if number)


def quiet_text(result: Result) -> str:
    """Return what a window without data is told as."""
    start, end = result.window.start, result.window.end
    one_day = start is not None and end is not None and end - start <= timedelta(days=1)
    quiet = "A quiet day" if one_day else "A quiet time"
    if isinstance(result, CzResult):
        where = "on the ground" if result.report == GROUND else "in space"
        return f"{quiet}: no conflict zones {where}. Fly safe, CMDRs."
    return f"{quiet}: nothing to report. Fly safe, CMDRs."
