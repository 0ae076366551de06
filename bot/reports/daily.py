"""The daily summary: who did most of each kind of work."""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.reports import daily_selects as selects
from bot.reports.daily_selects import SELECTS, Work
from bot.reports.matching import number_of, text_of
from bot.reports.needs import Need, lacking
from bot.reports.results import DailyResult, Row, Section, SectionKey
from bot.reports.views import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.backend.shape import Shape
    from bot.reports.matching import Matcher
    from bot.reports.source import Source
    from bot.reports.views import View

logger = logging.getLogger(__name__)

Sums = dict[tuple[str, str], tuple[int, int]]
"""First and second figure by CMDR and faction ('' where a section knows none)."""

_SECTION_OF = {
    Work.BUYS: SectionKey.MARKET,
    Work.SELLS: SectionKey.MARKET,
    Work.MISSIONS: SectionKey.MISSIONS,
    Work.INFLUENCE: SectionKey.INFLUENCE,
    Work.OLD_INFLUENCE: SectionKey.INFLUENCE,
    Work.SALES: SectionKey.EXPLORATION,
    Work.MULTI_SALES: SectionKey.EXPLORATION,
    Work.CRIMES: SectionKey.FINES,
}
_SECTION_OF_VOUCHER = {"bounty": SectionKey.BOUNTIES, "CombatBond": SectionKey.BONDS}

_TITLES = {
    SectionKey.MARKET: "Market Events",
    SectionKey.MISSIONS: "Missions Completed",
    SectionKey.INFLUENCE: "Influence by Faction",
    SectionKey.BOUNTIES: "Bounty Vouchers",
    SectionKey.BONDS: "Combat Bonds",
    SectionKey.EXPLORATION: "Exploration Sales",
    SectionKey.FINES: "Bounty Fines",
}


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
    sections = _sections(sums, own, source.top)
    return DailyResult(source.window, tuple(sections), missing, newest.text or _newest(source))


def _needs(source: Source) -> Iterator[Need]:
    yield selects.EVENTS
    yield from source.window_needs
    if source.filters.systems:
        yield Need("event", ("starsystem",))
    yield from (selects.BUYS, selects.SELLS, selects.VOUCHERS_PAID)
    shape = source.shape
    yield selects.MISSIONS_DONE
    yield selects.INFLUENCES
    if not source.filters.factions:
        yield from (selects.SALES, selects.MULTI_SALES)
    yield selects.OLD_FINES if _has_only_fines(shape) else selects.FINES


def _has_only_fines(shape: Shape) -> bool:
    return shape.has(selects.CRIMES, "fine") and not shape.has(selects.CRIMES, "bounty")


def _works(shape: Shape, *, by_faction: bool) -> Iterator[Work]:
    """The kinds of work that this database can tell of."""
    if selects.BUYS.met(shape):
        yield Work.BUYS
    if selects.SELLS.met(shape):
        yield Work.SELLS
    if selects.MISSIONS_DONE.met(shape):
        yield Work.MISSIONS
        if selects.INFLUENCES.met(shape):
            yield Work.OLD_INFLUENCE
            if shape.has(selects.INFLUENCE, "event_id") and shape.has(selects.MISSIONS, "id"):
                yield Work.INFLUENCE
    if selects.VOUCHERS_PAID.met(shape):
        yield Work.VOUCHERS
    if not by_faction and selects.SALES.met(shape):
        yield Work.SALES
    if not by_faction and selects.MULTI_SALES.met(shape):
        yield Work.MULTI_SALES
    if selects.FINES.met(shape) or selects.OLD_FINES.met(shape):
        yield Work.CRIMES


def _own_faction(source: Source) -> str | None:
    name = (source.faction_name or "").strip()
    if name:
        return name
    logger.info("The tenant names no faction_name, so its own influence is left out")
    return None


@lru_cache(maxsize=64)
def _statements(view: View, works: tuple[Work, ...]) -> tuple[sa.Executable, ...]:
    """One statement for all, except where columns of unlike collation cannot be united."""
    parts = [SELECTS[work](view) for work in works]
    if len(parts) > 1 and view.dialect in ("sqlite", "postgresql"):
        return (sa.union_all(*parts),)
    return tuple(parts)


def _sums(source: Source, works: tuple[Work, ...], newest: _Newest) -> dict[SectionKey, Sums]:
    sums: dict[SectionKey, Sums] = defaultdict(dict)
    for statement in _statements(source.view, works):
        rows: Iterable[Any] = source.connection.execute(statement, source.binds)
        if source.filters or source.span is not None:
            rows = _matching(rows, source, newest)
        for row in rows:
            _add(sums, row)
    return sums


def _add(sums: dict[SectionKey, Sums], row: Any) -> None:
    work, cmdr, label, first, second = row[:5]
    if not cmdr:
        return
    section = _SECTION_OF.get(work) or _SECTION_OF_VOUCHER[text_of(label)]
    faction = text_of(label) if section is SectionKey.INFLUENCE else ""
    key = (text_of(cmdr), faction)
    before = sums[section].get(key, (0, 0))
    sums[section][key] = (before[0] + number_of(first), before[1] + number_of(second))


def _matching(rows: Iterable[Any], source: Source, newest: _Newest) -> Iterator[Any]:
    matcher, view = source.matcher, source.view
    for row in rows:
        if view.bounds is Bounds.TICK:
            if matcher.span is None or not matcher.span.holds(row.ticktime, row.timestamp):
                continue
            newest.see(text_of(row.timestamp))
        if _passes(row, matcher, view):
            yield row


def _passes(row: Any, matcher: Matcher, view: View) -> bool:
    if not matcher.cmdrs.match(row.cmdr):
        return False
    if view.by_system and not matcher.systems.match(row.system):
        return False
    return not view.by_faction or matcher.factions.match_voucher(row.faction, row.factions)


def _sections(sums: dict[SectionKey, Sums], own: str | None, top: int | None) -> Iterator[Section]:
    for key in SectionKey:
        if key is SectionKey.OWN_INFLUENCE:
            if own is None:
                continue
            title, figures = f"Influence {own}", _own_sums(sums[SectionKey.INFLUENCE], own)
        else:
            title, figures = _TITLES[key], sums[key]
        section = _section(key, title, figures, top)
        if section.rows_in_all:
            yield section


def _own_sums(sums: Sums, own: str) -> Sums:
    folded = own.casefold()
    total: dict[str, int] = defaultdict(int)
    for (cmdr, faction), (worth, _) in sums.items():
        if folded in faction.casefold():
            total[cmdr] += worth
    return {(cmdr, ""): (worth, 0) for cmdr, worth in total.items()}


def _section(key: SectionKey, title: str, sums: Sums, top: int | None) -> Section:
    is_market, by_faction = key is SectionKey.MARKET, key is SectionKey.INFLUENCE
    kept = [
        (cmdr, faction, value, tonnes)
        for (cmdr, faction), (value, tonnes) in sums.items()
        if (value > 0 if is_market else value != 0)
    ]
    kept.sort(key=lambda row: (-(row[3] if is_market else row[2]), row[0], row[1]))
    rows = tuple(
        Row(rank, cmdr, value, tonnes if is_market else None, faction if by_faction else None)
        for rank, (cmdr, faction, value, tonnes) in enumerate(kept[:top], 1)
    )
    return Section(
        key,
        title,
        cmdrs=len({row[0] for row in kept}),
        rows_in_all=len(kept),
        total=sum(row[2] for row in kept),
        rows=rows,
        tonnes=sum(row[3] for row in kept) if is_market else None,
    )


class _Newest:
    """The greatest timestamp seen."""

    def __init__(self) -> None:
        self.text: str | None = None

    def see(self, timestamp: str) -> None:
        if timestamp and (self.text is None or timestamp > self.text):
            self.text = timestamp


def _newest(source: Source) -> str | None:
    if source.bounds is Bounds.TICK or not source.shape.has("event", "timestamp"):
        return None
    newest = source.connection.execute(selects.newest_event(source.view), source.binds).scalar()
    return text_of(newest) or None
