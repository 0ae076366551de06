"""The daily summary: who did most of each kind of work."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bot.backend.kept import execute_kept
from bot.reports import daily_parts as parts
from bot.reports.daily_parts import Work
from bot.reports.daily_sections import Sums, sections_of
from bot.reports.daily_selects import work_by_cmdr
from bot.reports.matching import number_of, text_of
from bot.reports.needs import Need, lacking
from bot.reports.results import DailyResult, SectionKey
from bot.reports.timestamps import is_past, newest_time
from bot.reports.views import Bounds
from bot.reports.windows import read_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.backend.shape import Shape
    from bot.reports.matching import Matcher
    from bot.reports.source import Source
    from bot.reports.views import View

logger = logging.getLogger(__name__)

_SECTION_OF = {
    Work.BUYS: SectionKey.MARKET,
    Work.SELLS: SectionKey.MARKET,
    Work.MISSIONS: SectionKey.MISSIONS,
    Work.SALES: SectionKey.EXPLORATION,
    Work.MULTI_SALES: SectionKey.EXPLORATION,
    Work.CRIMES: SectionKey.FINES,
}
_INFLUENCE = frozenset(map(int, (Work.INFLUENCE, Work.OLD_INFLUENCE, Work.ALL_INFLUENCE)))
_SECTION_OF_VOUCHER = {"bounty": SectionKey.BOUNTIES, "CombatBond": SectionKey.BONDS}

_nameless: set[str | None] = set()
"""The tenants that the log said have no faction name: once each is enough."""

_OWN_COLUMNS = 5
"""Columns of a row before those that only filters look at."""


def compute(source: Source) -> DailyResult:
    """Return the daily summary of a window."""
    needs = list(_needs(source))
    missing = lacking(needs, source.shape, by_faction=bool(source.filters.factions))
    own = _own_faction(source)
    if not source.is_readable:
        return DailyResult(source.window, (), missing)
    works = tuple(_works(source.shape, by_faction=bool(source.filters.factions)))
    newest = _Newest()
    sums = _sums(source, works, newest)
    sections = sections_of(sums, own, source.top)
    return DailyResult(source.window, tuple(sections), missing, newest.text)


def _needs(source: Source) -> Iterator[Need]:
    yield parts.EVENTS
    yield from source.window_needs
    if source.filters.systems:
        yield Need("event", ("starsystem",))
    yield from (parts.BUYS, parts.SELLS, parts.VOUCHERS_PAID)
    shape = source.shape
    yield parts.MISSIONS_DONE
    yield parts.INFLUENCES
    if not source.filters.factions:
        yield from (parts.SALES, parts.MULTI_SALES)
    yield parts.OLD_FINES if _has_only_fines(shape) else parts.FINES


def _has_only_fines(shape: Shape) -> bool:
    return shape.has(parts.CRIMES, "fine") and not shape.has(parts.CRIMES, "bounty")


def _works(shape: Shape, *, by_faction: bool) -> Iterator[Work]:
    """The kinds of work that this database can tell of."""
    if parts.BUYS.met(shape):
        yield Work.BUYS
    if parts.SELLS.met(shape):
        yield Work.SELLS
    if parts.MISSIONS_DONE.met(shape):
        yield Work.MISSIONS
        if parts.INFLUENCES.met(shape):
            yield Work.OLD_INFLUENCE
            if shape.has(parts.INFLUENCE, "event_id") and shape.has(parts.MISSIONS, "id"):
                yield Work.INFLUENCE
    if parts.VOUCHERS_PAID.met(shape):
        yield Work.VOUCHERS
    if not by_faction and parts.SALES.met(shape):
        yield Work.SALES
    if not by_faction and parts.MULTI_SALES.met(shape):
        yield Work.MULTI_SALES
    if parts.FINES.met(shape) or parts.OLD_FINES.met(shape):
        yield Work.CRIMES


def _own_faction(source: Source) -> str | None:
    name = (source.faction_name or "").strip()
    if name:
        _nameless.discard(source.tenant)
        return name
    if source.tenant is None or source.tenant not in _nameless:
        logger.info(
            "The tenant names no faction_name, so its own influence is left out",
            extra={"tenant": source.tenant},
        )
        _nameless.add(source.tenant)
    return None


def _sums(source: Source, works: tuple[Work, ...], newest: _Newest) -> dict[SectionKey, Sums]:
    sums: dict[SectionKey, Sums] = defaultdict(dict)
    view, binds = source.view, source.binds
    if view.bounds is Bounds.TIME:
        ids, newest.text = read_ids(source.connection, view, binds)
        if not ids:
            return sums
        binds |= ids
    elif view.bounds is Bounds.NONE and view.has("event", "timestamp"):
        newest.text = newest_time(source.connection, view, source.now)
    for statement in work_by_cmdr(view, works):
        rows: Iterable[Any] = execute_kept(source.connection, statement, binds).all()
        if source.filters or source.span is not None:
            rows = _matching(rows, source, newest)
        _add(sums, rows)
    return sums


def _add(sums: dict[SectionKey, Sums], rows: Iterable[Any]) -> None:
    """Add rows to the sums; there can be tens of thousands of influence."""
    of_work = {int(work): sums[section] for work, section in _SECTION_OF.items()}
    of_voucher = {kind: sums[section] for kind, section in _SECTION_OF_VOUCHER.items()}
    of_influence = sums[SectionKey.INFLUENCE]
    for work, name, label, first, second in rows:
        if not name:
            continue
        cmdr = name if type(name) is str else text_of(name)
        value = first if type(first) is int else number_of(first)
        if work in _INFLUENCE:
            of_section = of_influence
            key = (cmdr, label if type(label) is str else text_of(label))
        elif work in of_work:
            of_section = of_work[work]
            key = (cmdr, "")
        elif (of_kind := of_voucher.get(text_of(label))) is not None:
            of_section = of_kind
            key = (cmdr, "")
        else:  # let through by a column that is blind to case
            continue
        tonnes = second if type(second) is int else number_of(second)
        if key in of_section:
            before = of_section[key]
            of_section[key] = (value + before[0], tonnes + before[1])
        else:
            of_section[key] = (value, tonnes)


def _matching(rows: Iterable[Any], source: Source, newest: _Newest) -> Iterator[Any]:
    matcher, view = source.matcher, source.view
    for row in rows:
        if view.bounds is Bounds.TICK:
            if not matcher.in_tick(row):
                continue
            newest.see(text_of(row.timestamp), source.latest)
        if _passes(row, matcher, view):
            yield row[:_OWN_COLUMNS]


def _passes(row: Any, matcher: Matcher, view: View) -> bool:
    if not matcher.cmdrs.match(row.cmdr):
        return False
    if view.by_system and not matcher.systems.match(row.system):
        return False
    return not view.by_faction or matcher.factions.match_voucher(row.faction, row.factions)


class _Newest:
    """The greatest timestamp seen."""

    def __init__(self) -> None:
        self.text: str | None = None

    def see(self, timestamp: str, now: datetime | None) -> None:
        if (self.text is None or timestamp > self.text) and is_past(timestamp, now):
            self.text = timestamp
